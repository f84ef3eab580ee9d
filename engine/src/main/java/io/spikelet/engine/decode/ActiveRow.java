package io.spikelet.engine.decode;

import io.spikelet.engine.model.ModelConfig;
import io.spikelet.engine.token.Tokenizer;
import java.util.Arrays;
import java.util.Optional;

/** One request while it is decoded: its tokens, its state and what it has cost. Not thread-safe. */
final class ActiveRow {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double NANOS_PER_SECOND = 1e9;

    private final GenerationRequest request;
    private final int limit;
    private final DecoderState state;
    private final LogitRules rules;
    private final StopRule stop;
    private final long randomKey;
    private final long startNanos = System.nanoTime();
    private int[] ids = new int[16]; // (generated)
    private float[] logprobs = new float[16]; // (generated)
    private int generated;
    private double sumLogprob;
    private int fed;
    private double prefillNanos;
    private double decodeNanos;
    private int columns;
    private int lastColumn;

    /**
     * @param limit most ids to generate, at least 1
     * @param vocabulary ids from here on are never produced
     */
    ActiveRow(GenerationRequest request, int limit, DecoderState state, StopRule stop, int vocabulary) {
        this.request = request;
        this.limit = limit;
        this.state = state;
        this.stop = stop;
        this.rules = new LogitRules(request.params(), vocabulary, stop);
        this.randomKey = RowRandom.key(request.seed(), request.rowId(), request.sampleIndex());
        for (int id : request.promptIds()) {
            rules.saw(id);
        }
    }

    GenerationRequest request() {
        return request;
    }

    DecoderState state() {
        return state;
    }

    /** Tokens known and not yet decoded; more than one while there is prompt left. */
    int waiting() {
        return request.promptIds().length + generated - fed;
    }

    /** Puts up to {@code most} waiting tokens into the pass; logits are wanted of the very last one. */
    void feed(Decoder decoder, int most) {
        columns = Math.min(most, waiting());
        for (int i = 0; i < columns; i++) {
            lastColumn = decoder.add(state, token(fed), waiting() == 1);
            fed++;
        }
    }

    private int token(int index) {
        int prompt = request.promptIds().length;
        return index < prompt ? request.promptIds()[index] : ids[index - prompt];
    }

    /** Columns that this row has in the pass. */
    int columns() {
        return columns;
    }

    /** Takes the next token from the logits of the pass, if it has reached the end of what is known. */
    void sample(Decoder decoder, Sampler sampler) {
        if (waiting() > 0) {
            return;
        }
        float[] logits = decoder.logits();
        int offset = decoder.logitsOffset(lastColumn);
        double logSum = SoftmaxStatistics.logSumExp(decoder.kernels(), logits, offset, decoder.vocabulary());
        int id = sampler.sample(logits, offset, rules, RowRandom.uniform(randomKey, generated));
        if (generated == ids.length) {
            ids = Arrays.copyOf(ids, 2 * generated);
            logprobs = Arrays.copyOf(logprobs, 2 * generated);
        }
        double logprob = logits[offset + id] - logSum;
        ids[generated] = id;
        logprobs[generated] = (float) logprob;
        sumLogprob += logprob;
        generated++;
        rules.saw(id);
    }

    /** Adds this row's share of a pass; the time up to the first generated token is the prefill. */
    void charge(double nanos) {
        if (fed > request.promptIds().length) {
            decodeNanos += nanos;
        } else {
            prefillNanos += nanos;
        }
    }

    double secondsInFlight() {
        return (System.nanoTime() - startNanos) / NANOS_PER_SECOND;
    }

    /** Forgets every pass, so that the tokens known so far are decoded again. */
    void rewind() {
        state.reset();
        fed = 0;
    }

    boolean finished() {
        return generated == limit || stop.stops(ids, generated);
    }

    /** The result of a finished row. */
    Completion completion(Optional<Tokenizer> tokenizer, ModelConfig config) {
        int[] tokenIds = Arrays.copyOf(ids, generated);
        double hidden = 0;
        for (int layer = 0; layer < config.layers(); layer++) {
            hidden += state.ffnSpikes(layer);
        }
        double positions = state.position();
        return new Completion(
                request,
                tokenizer.map(t -> t.decode(tokenIds)).orElse(""),
                tokenIds,
                Arrays.copyOf(logprobs, generated),
                sumLogprob,
                stop.stops(ids, generated) ? FinishReason.STOP : FinishReason.LENGTH,
                state.encoderSpikes() / (positions * config.embedDim()),
                hidden / (positions * config.intermediateDim() * config.layers()),
                prefillNanos / NANOS_PER_MILLI,
                decodeNanos / NANOS_PER_MILLI,
                null,
                null);
    }
}
