package io.spikelet.job.task;

import io.spikelet.engine.token.PairEncoder.PrefixRule;
import java.io.Serializable;

/**
 * How the items of a run are scored; serialized to the tasks.
 *
 * @param context most input tokens
 * @param batchSize token positions that a task advances in one pass
 */
public record ChoiceSettings(ChoiceTask task, int context, PrefixRule prefix, int batchSize) implements Serializable {
    /** The prefix rule as it is written in the tables and on the command line. */
    public String prefixLabel() {
        return label(prefix);
    }

    /** How a prefix rule is written. */
    public static String label(PrefixRule prefix) {
        return switch (prefix) {
            case EMPTY_CONTEXT -> "empty";
            case EVERY_CONTEXT -> "every";
        };
    }
}
