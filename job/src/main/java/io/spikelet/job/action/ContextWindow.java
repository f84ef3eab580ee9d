package io.spikelet.job.action;

import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.job.UsageException;
import java.util.OptionalInt;

/** The context window of a command. */
final class ContextWindow {
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
}
