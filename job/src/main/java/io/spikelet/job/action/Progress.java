package io.spikelet.job.action;

import java.util.function.Consumer;

/** Takes what a run says about itself while it works; a lambda of lines is a log. Called from several threads. */
@FunctionalInterface
public interface Progress extends Consumer<String> {
    /** Takes a line for good. */
    @Override
    void accept(String line);

    /** Whether {@link #live} shows anything, so that lines for good are not needed. */
    default boolean isLive() {
        return false;
    }

    /** Shows a line in place of the last live one; an empty one takes that away. */
    default void live(String line) {}
}
