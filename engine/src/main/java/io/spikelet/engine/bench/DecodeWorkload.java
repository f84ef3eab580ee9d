package io.spikelet.engine.bench;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.util.ArrayList;
import java.util.List;

/**
 * Sequences at one context, each of which advances by one token in a step. The most likely token is searched for, as in
 * greedy decoding, but a random one is used instead, so that sequences with the same past get different spikes. At the
 * end of the span they return to its start.
 */
final class DecodeWorkload implements Workload {
    private final Decoder decoder;
    private final ContextSpan span;
    private final DecoderState start;
    private final List<DecoderState> sequences = new ArrayList<>();
    private final TokenSource tokens;
    private SpikeStatistics fired;
    private int batch;

    @SuppressWarnings("unused") // the compiler must not remove the search for a token
    private volatile int found;

    /**
     * @param start a state with {@code span.first()} positions; it is not modified
     * @param capacity maximum number of sequences at once
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

    /** From now on advances {@code batch} of the sequences. */
    void batch(int batch) {
        rewind();
        this.batch = batch;
    }

    /** Spike counts of all positions since the workload was created. */
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
