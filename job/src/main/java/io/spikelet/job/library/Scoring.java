package io.spikelet.job.library;

import io.spikelet.engine.score.PrefixPolicy;
import io.spikelet.job.action.PerplexityOptions;
import io.spikelet.job.sql.Confidence;
import java.util.List;
import java.util.OptionalInt;

/**
 * How documents are scored: the options of {@code spikelet perplexity} by the same names. Values are checked when the model
 * is known. Every method changes this object and returns it. Not thread-safe.
 */
public final class Scoring extends DatasetOptions<Scoring> {
    private List<String> protocols = List.of(PerplexityOptions.DEFAULT_PROTOCOL);
    private OptionalInt context = OptionalInt.empty();
    private OptionalInt stride = OptionalInt.empty();
    private PrefixPolicy prefix = PrefixPolicy.AUTO;
    private List<String> groupBy = List.of();
    private Confidence confidence = Confidence.DEFAULT;
    private int batchSize = PerplexityOptions.DEFAULT_BATCH_SIZE;
    private boolean tokens;

    private Scoring(String text) {
        super(text);
    }

    /** The protocol {@value PerplexityOptions#DEFAULT_PROTOCOL}, with documents in this column. */
    public static Scoring ofColumn(String text) {
        return new Scoring(text);
    }

    /**
     * Protocols by name, each once; a document has a row for each. Those that join documents to one string need the order
     * of files and are refused.
     */
    public Scoring protocols(String... names) {
        protocols = List.of(names);
        return this;
    }

    /** Window in tokens; the model's context by default. */
    public Scoring context(int windowTokens) {
        context = OptionalInt.of(windowTokens);
        return this;
    }

    /** Tokens from window to window, for the protocols that have one; half the context by default. */
    public Scoring stride(int strideTokens) {
        stride = OptionalInt.of(strideTokens);
        return this;
    }

    /** Keeps the measures of every scored token as a column {@code token_scores} that is an array of structs. */
    public Scoring tokens() {
        tokens = true;
        return this;
    }

    /** The token before each text, under the protocols that have one; BOS by default. */
    public Scoring prefix(PrefixPolicy policy) {
        prefix = policy;
        return this;
    }

    /** Token positions that a task advances in one pass; 64 by default. Results do not depend on it. */
    public Scoring batchSize(int positions) {
        batchSize = positions;
        return this;
    }

    /** Columns whose values define the groups of {@link Spikelet#summarize}. */
    public Scoring groupBy(String... columns) {
        groupBy = List.of(columns);
        return this;
    }

    /**
     * How {@link Spikelet#summarize} draws its intervals.
     *
     * @param replicates 0 for none
     * @param seed determines what is drawn
     */
    public Scoring bootstrap(int replicates, long seed) {
        confidence = new Confidence(seed, replicates);
        return this;
    }

    @Override
    Scoring self() {
        return this;
    }

    PerplexityOptions options() {
        return new PerplexityOptions(protocols, context, stride, prefix, groupBy, confidence, batchSize, tokens);
    }
}
