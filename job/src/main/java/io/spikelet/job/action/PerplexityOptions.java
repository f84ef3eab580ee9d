package io.spikelet.job.action;

import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.score.PerplexityProtocol;
import io.spikelet.engine.score.PrefixPolicy;
import io.spikelet.job.UsageException;
import io.spikelet.job.sql.Confidence;
import io.spikelet.job.task.ScoringSettings;
import java.util.List;
import java.util.OptionalInt;

/**
 * How documents are scored.
 *
 * @param protocols names, each once
 * @param context window in tokens; the model's max_seq_len by default
 * @param stride tokens from window to window; half the context by default
 * @param prefix the token before a text, for the protocols that have one
 * @param groupBy input columns whose values define the groups of the summary
 * @param confidence how the summary's intervals are drawn
 * @param batchSize token positions that a task advances in one pass
 * @param emitTokens whether to write a row per scored token
 */
public record PerplexityOptions(
        List<String> protocols,
        OptionalInt context,
        OptionalInt stride,
        PrefixPolicy prefix,
        List<String> groupBy,
        Confidence confidence,
        int batchSize,
        boolean emitTokens) {
    /** The protocol unless others are named. */
    public static final String DEFAULT_PROTOCOL = "document";

    /** Token positions that a task advances in one pass by default. */
    public static final int DEFAULT_BATCH_SIZE = 64;

    public PerplexityOptions {
        protocols = List.copyOf(protocols);
        groupBy = List.copyOf(groupBy);
    }

    /** The defaults of every model. */
    public static PerplexityOptions defaults(List<String> groupBy, boolean emitTokens) {
        return new PerplexityOptions(
                List.of(DEFAULT_PROTOCOL),
                OptionalInt.empty(),
                OptionalInt.empty(),
                PrefixPolicy.AUTO,
                groupBy,
                Confidence.DEFAULT,
                DEFAULT_BATCH_SIZE,
                emitTokens);
    }

    /** Whether a protocol joins documents. */
    boolean joins() {
        return protocols.stream()
                .anyMatch(name -> PerplexityProtocol.parse(name, ContextWindow.MOST_POSITIONS, 1)
                        .separator()
                        .isPresent());
    }

    /**
     * All settings for a model.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public ScoringSettings settings(FamilyConfig model) {
        int window = ContextWindow.of(context, model);
        int step = ContextWindow.stride(stride, window);
        ContextWindow.requirePositions(batchSize);
        if (protocols.stream().distinct().count() < protocols.size()) {
            throw new UsageException("--protocol names one twice: " + String.join(",", protocols));
        }
        ScoringSettings settings = new ScoringSettings(protocols, window, step, prefix, batchSize, emitTokens);
        settings.all();
        return settings;
    }
}
