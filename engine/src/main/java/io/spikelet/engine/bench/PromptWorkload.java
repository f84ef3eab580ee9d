package io.spikelet.engine.bench;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;

/** Prefill of one sequence, one block per pass; one step is the whole sequence. */
final class PromptWorkload implements Workload {
    private final Decoder decoder;
    private final DecoderState state;
    private final TokenSource tokens;
    private final int length;
    private final int block;
    private final boolean allLogits;

    /** @param allLogits whether logits are computed for every position, as for scoring, or only for the last */
    PromptWorkload(Decoder decoder, DecoderState state, TokenSource tokens, int length, int block, boolean allLogits) {
        this.decoder = decoder;
        this.state = state;
        this.tokens = tokens;
        this.length = length;
        this.block = block;
        this.allLogits = allLogits;
    }

    @Override
    public int prepare() {
        return Integer.MAX_VALUE;
    }

    @Override
    public void run(int steps) {
        for (int step = 0; step < steps; step++) {
            state.reset();
            for (int done = 0; done < length; done += block) {
                decoder.clear();
                int end = Math.min(length, done + block);
                for (int position = done; position < end; position++) {
                    decoder.add(state, tokens.next(), allLogits || position == length - 1);
                }
                decoder.run();
            }
        }
    }

    @Override
    public int tokensPerStep() {
        return length;
    }
}
