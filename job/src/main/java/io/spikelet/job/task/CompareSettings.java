package io.spikelet.job.task;

import io.spikelet.engine.score.PerplexityProtocol;
import java.io.Serializable;

/**
 * How two models are compared; serialized to the tasks.
 *
 * @param protocol the name of one that scores each document on its own
 * @param context window in tokens
 * @param stride tokens from window to window, for a protocol that has one
 * @param batchSize token positions that each of the models advances in one pass
 */
public record CompareSettings(String protocol, int context, int stride, int batchSize) implements Serializable {
    /**
     * The protocol with its window.
     *
     * @throws IllegalArgumentException if there is none of that name or the window does not fit it
     */
    public PerplexityProtocol perplexityProtocol() {
        return PerplexityProtocol.parse(protocol, context, stride);
    }
}
