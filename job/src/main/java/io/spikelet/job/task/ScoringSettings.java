package io.spikelet.job.task;

import io.spikelet.engine.score.PerplexityProtocol;
import java.io.Serializable;

/**
 * How the documents of a run are scored under one protocol; travels to the tasks.
 *
 * @param protocol its name
 * @param context window in tokens
 * @param stride tokens from window to window, for the protocols that have one
 * @param batchSize token positions that a task advances together
 * @param emitTokens whether rows carry the scores of their tokens
 */
public record ScoringSettings(String protocol, int context, int stride, int batchSize, boolean emitTokens)
        implements Serializable {
    /**
     * The protocol with its window.
     *
     * @throws IllegalArgumentException if there is none of that name or the window does not suit it
     */
    public PerplexityProtocol perplexityProtocol() {
        return PerplexityProtocol.parse(protocol, context, stride);
    }
}
