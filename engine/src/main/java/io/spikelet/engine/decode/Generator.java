package io.spikelet.engine.decode;

import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.model.StateShape;
import io.spikelet.engine.token.Tokenizer;
import java.util.Iterator;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Completes prompts on one thread with continuous batching: several rows are decoded in one batch, and as soon as one
 * ends, the next takes its place. A common prefix of prompts is decoded once. A row's ids and probabilities do not
 * depend on the other rows of the batch.
 *
 * <p>Not thread-safe; one per task. The model is shared and stays open.
 */
public final class Generator implements AutoCloseable {
    private final Decoder decoder;
    private final Sampler sampler;
    private final PrefixSharing sharing;
    private final Optional<Tokenizer> tokenizer;
    private final OptionalInt eos;
    private final Options options;
    private ContinuousBatch batch; // null before the first

    /**
     * How rows share the decoder. Only {@code beyondContext} changes completions; the time limit can turn one into an
     * error.
     *
     * @param batchSize maximum number of rows in flight
     * @param maxColumns maximum number of positions in one pass, at least {@code batchSize}; columns that decoding rows
     *     do not use are used for the prompts of new rows
     * @param beyondContext generate past the model's context; otherwise a completion ends there with {@link
     *     FinishReason#LENGTH}
     * @param stateBytes maximum memory for the rows in flight; if it does not suffice for {@code batchSize} rows, fewer
     *     are in flight; a row that does not fit on its own is an error
     * @param prefixBytes maximum memory for common prefixes, so that they are decoded once; 0 for none
     * @param timeoutSeconds maximum time that a row may be in flight, including the time of the other rows in the batch
     */
    public record Options(
            int batchSize,
            int maxColumns,
            boolean beyondContext,
            long stateBytes,
            long prefixBytes,
            double timeoutSeconds) {
        /** With half of this JVM's heap for rows, a sixteenth for common prefixes, and no time limit. */
        public Options(int batchSize, int maxColumns, boolean beyondContext) {
            this(
                    batchSize,
                    maxColumns,
                    beyondContext,
                    Runtime.getRuntime().maxMemory() / 2,
                    Runtime.getRuntime().maxMemory() / 16,
                    Double.POSITIVE_INFINITY);
        }

        /** With the memory of a plan; completions end at the end of the context. */
        public static Options of(MemoryPlan plan, double timeoutSeconds) {
            return new Options(
                    plan.batchSize(), plan.maxColumns(), false, plan.stateBytes(), plan.prefixBytes(), timeoutSeconds);
        }

        public Options {
            if (batchSize < 1) {
                throw new IllegalArgumentException("--batch-size is " + batchSize + "; it must be at least 1");
            }
            if (maxColumns < batchSize) {
                throw new IllegalArgumentException(
                        "maxColumns is " + maxColumns + "; it must be at least the batch size, " + batchSize);
            }
            if (stateBytes < 0 || prefixBytes < 0) {
                throw new IllegalArgumentException("stateBytes is " + stateBytes + " and prefixBytes " + prefixBytes
                        + "; both must be at least 0");
            }
        }
    }

    /** @throws IllegalArgumentException if the tokenizer has more ids than the model */
    public Generator(SpikingModel model, Tokenizer tokenizer, Options options) {
        this(model, Optional.of(tokenizer), tokenizer.vocabSize(), OptionalInt.empty(), options);
    }

    /**
     * @param tokenizer if empty, completions have no text
     * @param vocabulary ids from this one on are never produced
     * @param eos overrides the tokenizer's EOS where the family's stop rule allows it
     */
    Generator(SpikingModel model, Optional<Tokenizer> tokenizer, int vocabulary, OptionalInt eos, Options options) {
        int modelVocabulary = model.config().vocabSize();
        if (vocabulary > modelVocabulary) {
            throw new IllegalArgumentException("the tokenizer has " + vocabulary + " ids and the model "
                    + modelVocabulary + "; use the tokenizer that the model was trained with");
        }
        this.decoder = new Decoder(model, options.maxColumns(), vocabulary, model.kernels(), options.stateBytes());
        StateShape shape = model.config().states(options.maxColumns());
        this.sharing = new PrefixSharing(new PrefixCache(shape, vocabulary, options.prefixBytes()));
        this.sampler = new Sampler(
                decoder.kernels(),
                modelVocabulary,
                vocabulary,
                tokenizer.map(Generator::lineFeed).orElse(-1));
        this.tokenizer = tokenizer;
        this.eos = eos;
        this.options = options;
    }

    private static int lineFeed(Tokenizer tokenizer) {
        int[] ids = tokenizer.encode("\n");
        return ids.length == 1 ? ids[0] : -1;
    }

    /**
     * Completes every request. Reads at most as many requests ahead as rows can be in flight, and returns results in
     * the order in which they finish. A row that cannot be completed gives an {@link FinishReason#ERROR} with one of
     * these classes and does not affect other rows:
     *
     * <ul>
     * <li>{@code null_input}: the request, its row id, prompt, parameters or detail are null
     * <li>{@code empty_input}: a prompt without ids
     * <li>{@code too_long}: a prompt longer than the model's context
     * <li>{@code malformed_row}: a prompt id outside the model's vocabulary, or a sampler that the model does not
     *     support
     * <li>{@code timeout}: in flight for longer than the limit
     * <li>{@code engine_error}: the forward pass or the sampler failed, or the row needs more memory than there is
     * </ul>
     *
     * <p>One iteration at a time: starting the next one ends the one before.
     */
    public Iterator<Completion> generate(Iterator<GenerationRequest> requests) {
        return new ContinuousBatch(
                decoder, sampler, sharing, tokenizer, eos, options, Objects.requireNonNull(requests));
    }

    /** Prompt positions decoded so far. */
    public long prefilledPositions() {
        return sharing.prefilledPositions();
    }

    /** Prompt positions so far that were copied from another row with the same prefix, at almost no cost. */
    public long reusedPositions() {
        return sharing.reusedPositions();
    }

    private void closeBatch() {
        if (batch != null) {
            batch.close();
        }
    }

    @Override
    public void close() {
        closeBatch();
        sharing.close();
        decoder.close();
    }
}
