package io.spikelet.engine.token;

/**
 * Special ids from a model's configuration, for tokenizer files that do not specify them; {@value #NO_ID} for none.
 *
 * @param bos put before a text by protocols with a prefix
 * @param eos ends a completion
 * @param pad never produced
 * @param unknown for text that is not in the vocabulary
 */
public record SpecialTokens(int bos, int eos, int pad, int unknown) {
    /** No id. */
    public static final int NO_ID = -1;

    /** No special ids. */
    public static final SpecialTokens NONE = new SpecialTokens(NO_ID, NO_ID, NO_ID, NO_ID);
}
