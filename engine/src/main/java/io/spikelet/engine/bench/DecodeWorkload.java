package io.spikelet.engine.bench;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.util.ArrayList;
import java.util.List;

/**
 * Sequences at one context that are advanced together by one token a step. The token that the model prefers is found,
 * as greedy decoding would, and then a random one is taken instead, so that sequences with the same past spike apart. At
 * the end of the span they go back to its start.
 */
final class DecodeWorkload implements Workload {
    private final Decoder decoder;
    private final ContextSpan span;
    private final DecoderState start;
    private final List<DecoderState> sequences = new ArrayList<>();
    private final TokenSource tokens;
    private SpikeStatistics fired;
    private int batch;

    @SuppressWarnings("unused") // the search for a token must not be left out
    private volatile int found;

    /**
     * @param start a state with {@code span.first()} positions; it stays as it is
     * @param capacity most sequences at once
     */
    DecodeWorkload(Decoder decoder, ContextSpan span, DecoderState start, int capacity, long seed) {
        this.decoder = decoder;
        this.span = span;
        this.start = start;
        for (int i = 0; i < capacity; i++) {
            DecoderState sequence = decoder.allocate(span.end());
            sequence.copyFrom(start);
            sequences.add(sequence);
        }
        this.tokens = new TokenSource(decoder.vocabulary(), seed);
        this.fired = SpikeStatistics.none(decoder.model().config().populations());
    }

    /** A state at the start of the span, its prompt read in passes of {@code block}. */
    static DecoderState prefilled(Decoder decoder, ContextSpan span, int block, long seed) {
        DecoderState state = decoder.allocate(span.end());
        TokenSource prompt = new TokenSource(decoder.vocabulary(), seed);
        new PromptWorkload(decoder, state, prompt, span.first(), block, false).run(1);
        return state;
    }

    /** From now on, {@code batch} of the sequences. */
    void batch(int batch) {
        rewind();
        this.batch = batch;
    }

    /** Spikes of every position since the workload was made. */
    SpikeStatistics fired() {
        rewind();
        return fired;
    }

    private void rewind() {
        for (DecoderState sequence : sequences.subList(0, batch)) {
            fired = fired.merge(decoder.spikes(sequence).minus(decoder.spikes(start)));
            sequence.copyFrom(start);
        }
    }

    @Override
    public int prepare() {
        int room = span.end() - sequences.getFirst().position();
        if (room > 0) {
            return room;
        }
        rewind();
        return span.steps();
    }

    @Override
    public void run(int steps) {
        for (int step = 0; step < steps; step++) {
            decoder.clear();
            for (int i = 0; i < batch; i++) {
                decoder.add(sequences.get(i), tokens.next(), true);
            }
            decoder.run();
            for (int i = 0; i < batch; i++) {
                found = decoder.kernels().argmax(decoder.logits(), decoder.logitsOffset(i), decoder.vocabulary());
            }
        }
    }

    @Override
    public int tokensPerStep() {
        return batch;
    }
}
