package io.spikelet.engine.token;

/** Whether BOS is put before the ids of a text, as the upstream wrapper does. */
public enum BosPolicy {
    PREPEND,
    NONE;

    /**
     * The ids with BOS before them, or the ids themselves.
     *
     * @throws IllegalArgumentException if BOS is requested and the tokenizer has none
     */
    public int[] apply(Tokenizer tokenizer, int[] ids) {
        if (this == NONE) {
            return ids;
        }
        if (tokenizer.bosId() < 0) {
            throw new IllegalArgumentException("the tokenizer has no BOS piece; use BosPolicy.NONE");
        }
        int[] prefixed = new int[ids.length + 1];
        prefixed[0] = tokenizer.bosId();
        System.arraycopy(ids, 0, prefixed, 1, ids.length);
        return prefixed;
    }
}
