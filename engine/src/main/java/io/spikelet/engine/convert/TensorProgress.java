package io.spikelet.engine.convert;

import io.spikelet.engine.model.TensorSpec;
import java.util.function.Consumer;

/** Reports from time to time how many tensors have been written. Not thread-safe. */
final class TensorProgress {
    private static final int EVERY = 50;

    private final String verb;
    private final int all;
    private final Consumer<String> lines;
    private int count;

    TensorProgress(String verb, int all, Consumer<String> lines) {
        this.verb = verb;
        this.all = all;
        this.lines = lines;
    }

    void accept(TensorSpec written) {
        count++;
        if (count % EVERY == 0 || count == all) {
            lines.accept(verb + " " + count + " of " + all + " tensors");
        }
    }
}
