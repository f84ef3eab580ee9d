package io.spikelet.job.action;

import java.util.List;
import java.util.OptionalInt;

/**
 * How documents are scored.
 *
 * @param protocols names, each once
 * @param context window in tokens; the model's max_seq_len by default
 * @param stride tokens from window to window; half the context by default
 * @param groupBy input columns whose values make the groups of the summary
 * @param batchSize token positions that a task advances together
 * @param emitTokens whether to write a row per scored token
 */
public record PerplexityOptions(
        List<String> protocols,
        OptionalInt context,
        OptionalInt stride,
        List<String> groupBy,
        int batchSize,
        boolean emitTokens) {
    /** The protocol unless others are named. */
    public static final String DEFAULT_PROTOCOL = "document";

    /** Token positions that a task advances together unless told otherwise. */
    public static final int DEFAULT_BATCH_SIZE = 64;

    public PerplexityOptions {
        protocols = List.copyOf(protocols);
        groupBy = List.copyOf(groupBy);
    }
}
