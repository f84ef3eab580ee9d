package io.spikelet.engine.model;

/**
 * The ids that end a completion by themselves; they cannot be banned.
 *
 * @param eos ends it at once; an id outside the vocabulary never does
 * @param confirmed ends it if the text of the last few ids shows {@code text}; {@value #NONE} for none
 * @param text of {@code confirmed}
 */
public record StopTokens(int eos, int confirmed, String text) {
    /** No id. */
    public static final int NONE = -1;

    /** The one id that ends a completion. */
    public static StopTokens at(int eos) {
        return new StopTokens(eos, NONE, "");
    }
}
