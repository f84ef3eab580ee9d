package io.spikelet.engine.decode;

import io.spikelet.engine.telemetry.SpikeStatistics;
import io.spikelet.engine.token.Tokenizer;
import java.util.Arrays;
import java.util.BitSet;
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
    private final BitSet stops = new BitSet(); // prompt positions that no pass runs across
    private ActiveRow source; // the row that this one waits for, or null
    private int sourcePosition; // where its state will be copied

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

    int[] prompt() {
        return request.promptIds();
    }

    DecoderState state() {
        return state;
    }

    /** Tokens decoded so far, by this row or by another for it. */
    int fed() {
        return fed;
    }

    /** Tokens known and not yet decoded; more than one while there is prompt left. */
    int waiting() {
        return request.promptIds().length + generated - fed;
    }

    /** Puts up to {@code most} waiting tokens into the pass, as far as the next stop; the very last one has logits. */
    void feed(Decoder decoder, int most) {
        int stop = stops.nextSetBit(fed + 1);
        columns = Math.min(most, stop < 0 ? waiting() : stop - fed);
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
        if (waiting() == 0) {
            sample(decoder, sampler, decoder.logits(), decoder.logitsOffset(lastColumn));
        }
    }

    /** Takes the next token from the logits of the last one. */
    void sample(Decoder decoder, Sampler sampler, float[] logits, int offset) {
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

    /** Leading ids that a prompt shares with the part of this one that is still to be decoded; 0 if it parts earlier. */
    int shares(int[] prompt) {
        int[] own = prompt();
        int mismatch = Arrays.mismatch(own, prompt);
        int shared = mismatch < 0 ? prompt.length : Math.min(mismatch, prompt.length - 1);
        return shared > Math.max(fed, sourcePosition) ? shared : 0;
    }

    /** Has the passes of this row stop at a position of its prompt. */
    void stopAt(int position) {
        stops.set(position);
    }

    /** Has them stop there, or at a position shortly before where they stop anyway; returns which. */
    int stopFor(int position) {
        int before = stops.previousSetBit(position);
        if (before > Math.max(Math.max(fed, sourcePosition), position - PrefixSharing.LEAST_POSITIONS)) {
            return before;
        }
        stops.set(position);
        return position;
    }

    /** Whether the last pass ended at a stop. */
    boolean atStop() {
        return stops.get(fed);
    }

    /** Waits until {@code row} has decoded so many positions, for a copy of its state. */
    void follow(ActiveRow row, int position) {
        source = row;
        sourcePosition = position;
    }

    /** Whether this row waits for another. */
    boolean follows() {
        return source != null;
    }

    /** Whether this row waits for where {@code row} stands now. */
    boolean follows(ActiveRow row) {
        return source == row && sourcePosition == row.fed;
    }

    /** Waits no longer for {@code row}. */
    void unfollow(ActiveRow row) {
        if (source == row) {
            source = null;
            sourcePosition = 0;
        }
    }

    /** Goes on from a state that has decoded the first ids of this prompt. */
    void resume(DecoderState from) {
        source = null;
        sourcePosition = 0;
        state.copyFrom(from);
        fed = from.position();
        columns = 0;
    }

    /** Shares the last column of another row, which it has just been resumed from. */
    void lastColumnOf(ActiveRow row) {
        lastColumn = row.lastColumn;
    }

    /** Leaves the logits of the last column in a snapshot. */
    void copyLogits(Decoder decoder, Snapshot snapshot) {
        snapshot.logits(decoder.logits(), decoder.logitsOffset(lastColumn));
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
    Completion completion(Optional<Tokenizer> tokenizer, Decoder decoder) {
        int[] tokenIds = Arrays.copyOf(ids, generated);
        SpikeStatistics spikes = decoder.spikes(state);
        return new Completion(
                request,
                tokenizer.map(t -> t.decode(tokenIds)).orElse(""),
                tokenIds,
                Arrays.copyOf(logprobs, generated),
                sumLogprob,
                stop.stops(ids, generated) ? FinishReason.STOP : FinishReason.LENGTH,
                spikes.encoderRate(),
                spikes.ffnRate(),
                prefillNanos / NANOS_PER_MILLI,
                decodeNanos / NANOS_PER_MILLI,
                null,
                null);
    }
}
