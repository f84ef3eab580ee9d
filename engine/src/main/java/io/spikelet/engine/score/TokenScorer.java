package io.spikelet.engine.score;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.MemoryPlan;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.token.Tokenizer;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;

/**
 * Scores documents under perplexity protocols on one thread. A token's probability is that of the softmax over the
 * model's whole vocabulary. Windows of several protocols that begin with the same token are run once. Passes are filled
 * with as many windows of as many documents as fit; the numbers of a document depend neither on that nor on the other
 * protocols.
 *
 * <p>Not thread-safe; one per task. The model is shared and stays open.
 */
public final class TokenScorer implements AutoCloseable {
    private final Decoder decoder;
    private final List<PerplexityProtocol> protocols;
    private final UnitPlanner planner;
    private final Options options;
    private Scoring scoring; // null before the first

    /**
     * @param maxColumns maximum number of positions in one pass
     * @param tokenScores whether to keep the measures of every token
     * @param timeoutSeconds maximum time per unit
     * @param prefix the prefix token of each text, for protocols that have one
     * @param concurrentTasks number of tasks that share the heap; memory is planned so that the states and buffers of
     *     all of them fit
     * @param progress where the progress of long units is kept
     */
    public record Options(
            int maxColumns,
            boolean tokenScores,
            double timeoutSeconds,
            PrefixPolicy prefix,
            int concurrentTasks,
            ProgressStore progress) {
        /** Without a store of progress. */
        public Options(
                int maxColumns, boolean tokenScores, double timeoutSeconds, PrefixPolicy prefix, int concurrentTasks) {
            this(maxColumns, tokenScores, timeoutSeconds, prefix, concurrentTasks, ProgressStore.NONE);
        }

        /** Options for the only task on the heap, without a time limit, with the default prefix. */
        public Options(int maxColumns, boolean tokenScores) {
            this(maxColumns, tokenScores, Double.POSITIVE_INFINITY, PrefixPolicy.AUTO, 1);
        }
    }

    /**
     * @param protocols empty to score windows only
     * @throws IllegalArgumentException if the tokenizer does not fit the model or the protocols
     */
    public TokenScorer(SpikingModel model, Tokenizer tokenizer, List<PerplexityProtocol> protocols, Options options) {
        if (tokenizer.vocabSize() > model.config().vocabSize()) {
            throw new IllegalArgumentException("the tokenizer has " + tokenizer.vocabSize() + " ids and the model "
                    + model.config().vocabSize() + "; use the tokenizer that the model was trained with");
        }
        this.protocols = List.copyOf(protocols);
        this.planner = new UnitPlanner(tokenizer, this.protocols, options.prefix(), options.tokenScores());
        this.options = options;
        this.decoder = MemoryPlan.forScoring(model, options.maxColumns(), options.concurrentTasks())
                .scoringDecoder(model);
    }

    /**
     * Scores every unit. Reads ahead no more units than fit into one pass. A unit that cannot be scored gives errors
     * with one of these classes and does not affect other units:
     *
     * <ul>
     * <li>{@code null_input}: no unit, row id or text
     * <li>{@code empty_input}: too few tokens for the protocol; other protocols of the unit are not affected
     * <li>{@code timeout}: not finished within the limit
     * <li>{@code engine_error}: the tokenizer or the forward pass failed
     * </ul>
     *
     * <p>One iteration at a time: starting the next one ends the one before.
     */
    public Iterator<UnitScores> score(Iterator<? extends ScoringUnit> units) {
        if (scoring != null) {
            scoring.close();
        }
        scoring = new Scoring(decoder, planner, protocols, options, Objects.requireNonNull(units));
        return scoring;
    }

    /** Number of positions that the model has run, over all units; shared positions count once. */
    public long positions() {
        return decoder.positions();
    }

    @Override
    public void close() {
        if (scoring != null) {
            scoring.close();
        }
        decoder.close();
    }
}
