package io.spikelet.engine.score;

import java.util.List;

/**
 * One pass over prefix + document with carried state and no windows, whatever the length: attention sees its window and
 * the anchors, and the decay memory is recurrent, so that memory does not grow and time is linear.
 */
public record StreamProtocol() implements PerplexityProtocol {
    static final String NAME = "stream";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int context() {
        return UNBOUNDED;
    }

    @Override
    public String reading() {
        return "each document in one pass with carried state, every token after all tokens before it";
    }

    @Override
    public List<Window> windows(int length) {
        return length < 2 ? List.of() : List.of(new Window(0, length - 1, 1));
    }
}
