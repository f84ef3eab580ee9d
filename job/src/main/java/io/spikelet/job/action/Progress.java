package io.spikelet.job.action;

import java.util.function.Consumer;

/** Receives progress messages of a run; a lambda that takes lines is a log. Called from several threads. */
@FunctionalInterface
public interface Progress extends Consumer<String> {
    /** Takes a permanent line. */
    @Override
    void accept(String line);

    /** Whether {@link #live} shows anything, so that permanent lines are not needed. */
    default boolean isLive() {
        return false;
    }

    /** Shows a line in place of the last live one; an empty one removes it. */
    default void live(String line) {}
}
