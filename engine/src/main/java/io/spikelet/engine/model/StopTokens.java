package io.spikelet.engine.model;

/**
 * The model's own ids that end a completion; they cannot be banned.
 *
 * @param eos ends a completion immediately; an id outside the vocabulary never occurs
 * @param confirmed ends a completion if the text of the last few ids contains {@code text}; {@value #NONE} for none
 * @param text text that must appear with {@code confirmed}
 */
public record StopTokens(int eos, int confirmed, String text) {
    /** No id. */
    public static final int NONE = -1;

    /** Stop tokens with one id that ends a completion. */
    public static StopTokens at(int eos) {
        return new StopTokens(eos, NONE, "");
    }
}
