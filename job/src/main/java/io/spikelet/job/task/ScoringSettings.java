package io.spikelet.job.task;

import io.spikelet.engine.score.PerplexityProtocol;
import io.spikelet.engine.score.PrefixPolicy;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How the documents of a run are scored; serialized to the tasks.
 *
 * @param protocols their names
 * @param context window in tokens, for the protocols that have one
 * @param stride tokens from window to window, for the protocols that have one
 * @param prefix the token before a text, for the protocols that have one
 * @param batchSize token positions that a task advances in one pass
 * @param emitTokens whether rows have the scores of their tokens
 */
public record ScoringSettings(
        List<String> protocols, int context, int stride, PrefixPolicy prefix, int batchSize, boolean emitTokens)
        implements Serializable {
    public ScoringSettings {
        protocols = List.copyOf(protocols);
    }

    /**
     * The protocols with their windows.
     *
     * @throws IllegalArgumentException if there is none of a name or the window does not fit it
     */
    public List<PerplexityProtocol> all() {
        return protocols.stream()
                .map(name -> PerplexityProtocol.parse(name, context, stride))
                .toList();
    }

    /** Those that score each document on its own. */
    public List<PerplexityProtocol> ofDocuments() {
        return all().stream().filter(protocol -> protocol.separator().isEmpty()).toList();
    }

    /** Those of {@link #ofCorpus} in groups that read the same windows of the same string. */
    public List<List<PerplexityProtocol>> layouts() {
        return List.copyOf(ofCorpus().stream()
                .collect(Collectors.groupingBy(PerplexityProtocol::getClass, LinkedHashMap::new, Collectors.toList()))
                .values());
    }

    /** Those that score one string of all documents. */
    public List<PerplexityProtocol> ofCorpus() {
        return all().stream()
                .filter(protocol -> protocol.separator().isPresent())
                .toList();
    }
}
