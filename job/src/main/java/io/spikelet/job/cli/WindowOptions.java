package io.spikelet.job.cli;

import io.spikelet.job.action.PerplexityOptions;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** How documents are split and how many positions share a pass. */
final class WindowOptions {
    @Option(names = "--context", paramLabel = "N", description = "Window in tokens; default the model's max_seq_len.")
    private Integer context;

    @Option(
            names = "--stride",
            paramLabel = "N",
            description = "Tokens from window to window; default half the context.")
    private Integer stride;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            defaultValue = "" + PerplexityOptions.DEFAULT_BATCH_SIZE,
            description = "Token positions that a task advances in one pass; default ${DEFAULT-VALUE}.")
    private int batchSize;

    OptionalInt context() {
        return optional(context);
    }

    OptionalInt stride() {
        return optional(stride);
    }

    int batchSize() {
        return batchSize;
    }

    private static OptionalInt optional(Integer value) {
        return value == null ? OptionalInt.empty() : OptionalInt.of(value);
    }
}
