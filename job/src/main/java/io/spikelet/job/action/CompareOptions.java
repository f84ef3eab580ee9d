package io.spikelet.job.action;

import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.job.UsageException;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.task.CompareSettings;
import java.util.List;
import java.util.OptionalInt;

/**
 * How two models are compared.
 *
 * @param baseline the model that the other is compared with
 * @param protocol name of one that scores each document on its own
 * @param context window in tokens; the model's max_seq_len by default
 * @param stride tokens from window to window; half the context by default
 * @param batchSize token positions that each of the models advances in one pass
 */
public record CompareOptions(
        ModelLocation baseline, String protocol, OptionalInt context, OptionalInt stride, int batchSize) {
    private static final List<String> PROTOCOLS = List.of("document", "block", "lm-eval");
    /**
     * The settings for a model.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    CompareSettings settings(FamilyConfig model) {
        if (!PROTOCOLS.contains(protocol)) {
            throw new UsageException(
                    "--protocol is '" + protocol + "'; compare supports " + String.join(", ", PROTOCOLS));
        }
        ContextWindow.requirePositions(batchSize);
        int window = ContextWindow.of(context, model);
        CompareSettings settings =
                new CompareSettings(protocol, window, ContextWindow.stride(stride, window), batchSize);
        settings.perplexityProtocol();
        return settings;
    }
}
