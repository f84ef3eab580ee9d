package io.spikelet.engine.score;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.MemoryPlan;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.token.PairEncoder;
import io.spikelet.engine.token.Tokenizer;
import java.util.Iterator;
import java.util.Objects;

/**
 * Log-likelihoods of continuations on one thread, as lm-evaluation-harness defines them: the input is the end of context
 * and continuation that fits the model's context, and a token's probability its share of the softmax over the model's
 * whole vocabulary. The common prefix of an item's sequences is decoded once, and several items are in flight at the same time;
 * the numbers do not depend on either.
 *
 * <p>Not thread-safe; one per task. The model is shared and stays open.
 */
public final class ChoiceScorer implements AutoCloseable {
    private final Decoder decoder;
    private final PairEncoder encoder;
    private final Options options;
    private ChoiceScoring scoring; // null before the first

    /**
     * @param context maximum input tokens
     * @param prefix whether BOS is put before a context
     * @param maxColumns most positions of one pass, as far as the memory allows
     * @param timeoutSeconds most time that an item may take
     * @param concurrentTasks tasks that share the heap: the states and buffers of all of them fit into it
     */
    public record Options(
            int context, PairEncoder.PrefixRule prefix, int maxColumns, double timeoutSeconds, int concurrentTasks) {
        public Options {
            if (context < 1) {
                throw new IllegalArgumentException("--context is " + context + "; it must be at least 1 token");
            }
        }
    }

    /** @throws IllegalArgumentException if the tokenizer does not fit the model or has no BOS */
    public ChoiceScorer(SpikingModel model, Tokenizer tokenizer, Options options) {
        if (tokenizer.vocabSize() > model.config().vocabSize()) {
            throw new IllegalArgumentException("the tokenizer has " + tokenizer.vocabSize() + " ids and the model "
                    + model.config().vocabSize() + "; use the tokenizer that the model was trained with");
        }
        this.decoder = MemoryPlan.forScoring(model, options.maxColumns(), options.concurrentTasks())
                .scoringDecoder(model);
        this.encoder = new PairEncoder(tokenizer, options.prefix());
        this.options = options;
    }

    /**
     * Scores every item, in any order, reading ahead no further than one pass has room for. An item that cannot be scored
     * gives an error with one of these classes and does not affect other items:
     *
     * <ul>
     *   <li>{@code null_input}: no item, row id or request
     *   <li>{@code too_long}: a continuation with more tokens than the context
     *   <li>{@code timeout}: not finished within the limit
     *   <li>{@code engine_error}: the tokenizer or the forward pass failed
     * </ul>
     *
     * <p>One iteration at a time: starting the next one ends the one before.
     */
    public Iterator<ChoiceScore> score(Iterator<ChoiceItem> items) {
        if (scoring != null) {
            scoring.close();
        }
        scoring = new ChoiceScoring(decoder, encoder, options, Objects.requireNonNull(items));
        return scoring;
    }

    @Override
    public void close() {
        if (scoring != null) {
            scoring.close();
        }
        decoder.close();
    }
}
