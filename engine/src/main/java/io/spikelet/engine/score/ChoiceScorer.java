package io.spikelet.engine.score;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.MemoryPlan;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.token.PairEncoder;
import io.spikelet.engine.token.Tokenizer;
import java.util.Iterator;
import java.util.Objects;

/**
 * Log-likelihoods of continuations on one thread, as lm-evaluation-harness defines them: the input is the end of
 * context + continuation that fits into the model's context, and a token's probability is that of the softmax over the
 * model's whole vocabulary. The common prefix of an item's sequences is decoded once, and so is a text with which all
 * contexts begin; several items are in flight at the same time. The numbers do not depend on any of this.
 *
 * <p>Not thread-safe; one per task. The model is shared and stays open.
 */
public final class ChoiceScorer implements AutoCloseable {
    private final Decoder decoder;
    private final PairEncoder encoder;
    private final Options options;
    private final SharedPrefix prefix;
    private ChoiceScoring scoring; // null before the first

    /**
     * @param context maximum number of input tokens
     * @param prefix whether BOS is put before a context
     * @param maxColumns maximum number of positions in one pass; fewer if memory is short
     * @param timeoutSeconds maximum time per item
     * @param concurrentTasks number of tasks that share the heap; memory is planned so that the states and buffers of
     *     all of them fit
     * @param examples a text with which the contexts of all or most items begin; may be empty
     */
    public record Options(
            int context,
            PairEncoder.PrefixRule prefix,
            int maxColumns,
            double timeoutSeconds,
            int concurrentTasks,
            String examples) {
        /** Options for contexts that have no text in common. */
        public Options(
                int context,
                PairEncoder.PrefixRule prefix,
                int maxColumns,
                double timeoutSeconds,
                int concurrentTasks) {
            this(context, prefix, maxColumns, timeoutSeconds, concurrentTasks, "");
        }

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
        this.prefix = new SharedPrefix(encoder.beginning(options.examples()), decoder);
    }

    /**
     * Scores every item. Reads ahead no more items than fit into one pass; results may be in any order. An item that
     * cannot be scored gives an error with one of these classes and does not affect other items:
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
        prefix.decode(options.context());
        scoring = new ChoiceScoring(decoder, encoder, options, prefix, Objects.requireNonNull(items));
        return scoring;
    }

    /** Number of positions that were decoded, those of {@link Options#examples} included. */
    long positions() {
        return decoder.positions();
    }

    @Override
    public void close() {
        if (scoring != null) {
            scoring.close();
        }
        prefix.close();
        decoder.close();
    }
}
