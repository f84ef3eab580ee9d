package io.spikelet.engine.score;

import java.util.List;

/**
 * Reads prefix + document of any length once, with a state that is carried along and without windows. Only models whose
 * state has a constant size can do it, so memory use is constant and time is linear.
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
