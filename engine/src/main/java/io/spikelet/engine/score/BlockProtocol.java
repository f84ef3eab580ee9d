package io.spikelet.engine.score;

import java.util.ArrayList;
import java.util.List;

/**
 * Disjoint blocks, as release notes of spiking models describe them: BOS + document is cut into inputs of {@code
 * context} tokens (the last one may be shorter), and every input token predicts the next one, also across a cut. Each
 * token is scored once; the first token scored in a block has one token of context.
 *
 * @param context at least 1
 */
public record BlockProtocol(int context) implements PerplexityProtocol {
    static final String NAME = "block";

    public BlockProtocol {
        if (context < 1) {
            throw new IllegalArgumentException("--context is " + context + "; protocol block needs at least 1 token");
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String reading() {
        return "each document in disjoint blocks of " + context + ", so that a block's first token has one before it";
    }

    @Override
    public List<Window> windows(int length) {
        List<Window> windows = new ArrayList<>();
        int inputs = length - 1;
        int end;
        for (int begin = 0; begin < inputs; begin = end) {
            end = (int) Math.min((long) begin + context, inputs);
            windows.add(new Window(begin, end, begin + 1));
        }
        return windows;
    }
}
