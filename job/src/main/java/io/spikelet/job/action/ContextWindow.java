package io.spikelet.job.action;

import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.job.UsageException;
import java.util.OptionalInt;

/** The bounds of the windows that a command reads. */
final class ContextWindow {
    /** Most token positions that a task advances in one pass. */
    static final int MOST_POSITIONS = 4096;

    private ContextWindow() {}

    /**
     * The requested window, else the context of the model.
     *
     * @throws UsageException if it is longer than a model with learned positions can read
     */
    static int of(OptionalInt asked, FamilyConfig model) {
        int window = asked.orElse(model.contextLength());
        if (!model.mayExceedContext() && window > model.contextLength()) {
            throw new UsageException("--context is " + window + "; this model has learned its positions and ends at "
                    + model.contextLength() + ": ask for at most that");
        }
        return window;
    }

    /** The requested tokens from window to window, else half a window. */
    static int stride(OptionalInt asked, int window) {
        return asked.orElse(Math.max(1, window / 2));
    }

    /** @throws UsageException if a task cannot advance so many token positions in one pass */
    static void requirePositions(int batchSize) {
        if (batchSize < 1 || batchSize > MOST_POSITIONS) {
            throw new UsageException("--batch-size is " + batchSize + "; it must be 1 to " + MOST_POSITIONS);
        }
    }
}
