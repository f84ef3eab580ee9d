package io.spikelet.engine.token;

/**
 * Special ids that a model's configuration names, for tokenizer files that do not; {@value #NO_ID} for none.
 *
 * @param bos before a text, by the protocols that have such a prefix
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
