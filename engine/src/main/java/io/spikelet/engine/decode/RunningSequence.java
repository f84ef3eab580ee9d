package io.spikelet.engine.decode;

import io.spikelet.engine.token.Tokenizer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;

/** One request while it is decoded: its tokens, its state and what it has cost. Not thread-safe. */
final class RunningSequence {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double NANOS_PER_SECOND = 1e9;

    private final GenerationRequest request;
    private final int limit;
    private final DecoderState state;
    private final LogitsProcessor rules;
    private final StopRule stop;
    private final Optional<StopStringMatcher> stopText;
    private final LogprobTrace trace; // (generated)
    private final LogprobTrace promptTrace; // (prompt position - 1), or null
    private final long randomKey;
    private final long startNanos = System.nanoTime();
    private int[] ids = new int[16]; // (generated)
    private int generated;
    private double sumLogprob;
    private FinishReason reason; // null while in flight
    private int fed;
    private double prefillNanos;
    private double decodeNanos;
    private int columns;
    private int lastColumn;
    private final BitSet stops = new BitSet(); // prompt positions that no pass runs across
    private RunningSequence source; // the row that this one waits for, or null
    private int sourcePosition; // where its state will be copied

    /**
     * @param limit most ids to generate; 0 for a row that only tells about its prompt
     * @param vocabulary ids from here on are never produced
     */
    RunningSequence(
            GenerationRequest request,
            int limit,
            DecoderState state,
            StopRule stop,
            Optional<StopStringMatcher> stopText,
            int vocabulary) {
        this.request = request;
        this.limit = limit;
        this.state = state;
        this.stop = stop;
        this.stopText = stopText;
        int top = Math.min(request.detail().top(), vocabulary);
        this.trace = new LogprobTrace(top, ids.length);
        this.promptTrace = request.detail().prompt() ? new LogprobTrace(top, request.promptIds().length - 1) : null;
        this.rules = new LogitsProcessor(request.params(), vocabulary, stop);
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
            lastColumn = decoder.add(state, token(fed), promptTrace != null || waiting() == 1);
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
        notePrompt(decoder);
        if (waiting() == 0) {
            sample(decoder, sampler, decoder.logits(), decoder.logitsOffset(lastColumn));
        }
    }

    /** Keeps what the pass tells about the prompt, if anybody wants to know. */
    void notePrompt(Decoder decoder) {
        if (promptTrace == null) {
            return;
        }
        int[] prompt = request.promptIds();
        for (int position = fed - columns; position < Math.min(fed, prompt.length - 1); position++) {
            int offset = decoder.logitsOffset(lastColumn - (fed - 1 - position));
            promptTrace.set(
                    position, decoder.kernels(), decoder.logits(), offset, decoder.vocabulary(), prompt[position + 1]);
        }
    }

    /** Takes the next token from the logits of the last one. */
    void sample(Decoder decoder, Sampler sampler, float[] logits, int offset) {
        if (limit == 0) {
            reason = FinishReason.LENGTH;
            return;
        }
        int id = sampler.sample(logits, offset, rules, RowRandom.uniform(randomKey, generated));
        if (generated == ids.length) {
            ids = Arrays.copyOf(ids, 2 * generated);
        }
        ids[generated] = id;
        sumLogprob += trace.set(generated, decoder.kernels(), logits, offset, decoder.vocabulary(), id);
        generated++;
        rules.generated(id);
        reason = reason(id);
    }

    private FinishReason reason(int id) {
        boolean mayStop = generated >= request.params().minNewTokens();
        boolean textStops = stopText.isPresent() && stopText.get().add(id, mayStop);
        if (textStops || (mayStop && stop.stops(ids, generated))) {
            return FinishReason.STOP;
        }
        if (generated < limit) {
            return null;
        }
        return stopText.isPresent() && stopText.get().finish() ? FinishReason.STOP : FinishReason.LENGTH;
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
    void follow(RunningSequence row, int position) {
        source = row;
        sourcePosition = position;
    }

    /** Whether this row waits for another. */
    boolean follows() {
        return source != null;
    }

    /** Whether this row waits for where {@code row} stands now. */
    boolean follows(RunningSequence row) {
        return source == row && sourcePosition == row.fed;
    }

    /** Waits no longer for {@code row}. */
    void unfollow(RunningSequence row) {
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
    void lastColumnOf(RunningSequence row) {
        lastColumn = row.lastColumn;
    }

    /** Leaves the logits of the last column in a snapshot. */
    void copyLogits(Decoder decoder, PrefixCacheEntry snapshot) {
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
        return reason != null;
    }

    private String text(Optional<Tokenizer> tokenizer, int[] tokenIds) {
        if (stopText.isPresent()) {
            stopText.get().finish();
            return stopText.get().text();
        }
        return tokenizer.map(t -> t.decodeAfter(prompt(), tokenIds)).orElse("");
    }

    /** The result of a finished row. */
    Completion completion(Optional<Tokenizer> tokenizer, Decoder decoder) {
        int[] tokenIds = Arrays.copyOf(ids, generated);
        return new Completion(
                request,
                text(tokenizer, tokenIds),
                tokenIds,
                trace.chosen(generated),
                trace.top(generated),
                promptTrace == null ? new float[0] : promptTrace.chosen(request.promptIds().length - 1),
                promptTrace == null ? TopTokens.NONE : promptTrace.top(request.promptIds().length - 1),
                sumLogprob,
                reason,
                decoder.spikes(state),
                decoder.operations(state),
                prefillNanos / NANOS_PER_MILLI,
                decodeNanos / NANOS_PER_MILLI,
                null,
                null);
    }
}
