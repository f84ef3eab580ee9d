package io.spikelet.engine.decode;

import java.util.Arrays;

/** The state of a decoder after the first ids of a prompt. Not thread-safe. */
final class PrefixCacheEntry {
    private static final int MAX_CREDIT = 64;

    private final DecoderState state;
    private final float[] logits; // (id) of the last position
    private final long bytes;
    private int[] ids;
    private boolean logitsKnown;
    private int credit;

    /**
     * @param state used by this snapshot only
     * @param bytes memory of this snapshot
     */
    PrefixCacheEntry(DecoderState state, int vocabulary, long bytes) {
        this.state = state;
        this.logits = new float[vocabulary];
        this.bytes = bytes;
    }

    /** The state after {@link #length} ids; must only be copied from. */
    DecoderState state() {
        return state;
    }

    int length() {
        return ids.length;
    }

    long bytes() {
        return bytes;
    }

    int capacity() {
        return state.maxPositions();
    }

    /** Logits of the last position {@code [vocabulary]}. */
    float[] logits() {
        return logits;
    }

    boolean logitsKnown() {
        return logitsKnown;
    }

    void logits(float[] from, int offset) {
        System.arraycopy(from, offset, logits, 0, logits.length);
        logitsKnown = true;
    }

    /** Stores a copy of {@code source}, which has decoded the first {@code length} ids of a prompt. */
    void take(int[] prompt, int length, DecoderState source) {
        ids = Arrays.copyOf(prompt, length);
        state.copyFrom(source);
        logitsKnown = false;
        credit = 0;
    }

    /** Length of the common prefix of a prompt's first {@code length} ids and this snapshot. */
    int match(int[] prompt, int length) {
        int mismatch = Arrays.mismatch(ids, 0, ids.length, prompt, 0, length);
        return mismatch < 0 ? length : mismatch;
    }

    /** Records that it has served a row: two more new entries must not replace it, up to a maximum. */
    void reward() {
        credit = Math.min(credit + 2, MAX_CREDIT);
    }

    /** Whether a new entry may replace it; if not, its credit decreases by one. */
    boolean yields() {
        if (credit == 0) {
            return true;
        }
        credit--;
        return false;
    }
}
