package io.spikelet.engine.score;

import java.util.ArrayList;
import java.util.List;

/**
 * The rolling log-likelihood of EleutherAI's lm-evaluation-harness, with BOS as prefix: like {@link BlockProtocol}, but
 * the last input is extended to the left with earlier tokens, which are context only.
 *
 * @param context at least 1
 */
public record LmEvalProtocol(int context) implements PerplexityProtocol {
    static final String NAME = "lm-eval";

    public LmEvalProtocol {
        if (context < 1) {
            throw new IllegalArgumentException("--context is " + context + "; protocol lm-eval needs at least 1 token");
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String reading() {
        return "each document in blocks of " + context + " as in block, the last one filled up with tokens before it";
    }

    @Override
    public List<Window> windows(int length) {
        List<Window> windows = new ArrayList<>();
        int inputs = length - 1;
        int end;
        for (int scored = 0; scored < inputs; scored = end) {
            end = (int) Math.min((long) scored + context, inputs);
            windows.add(new Window(Math.max(0, end - context), end, scored + 1));
        }
        return windows;
    }
}
