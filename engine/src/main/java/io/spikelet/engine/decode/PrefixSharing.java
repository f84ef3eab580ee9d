package io.spikelet.engine.decode;

import java.util.List;
import java.util.Optional;

/**
 * Lets rows with a common prompt prefix decode it once. Rows that are admitted while another row decodes the same
 * prefix wait until that row reaches the end of the prefix, and copy its state. For later rows a {@link PrefixCache}
 * keeps the state at the end of each prompt, and at the position where a prompt differed from an earlier one. So equal
 * prompts are decoded once, and so is a common prefix of rows in flight at the same time. Of rows that arrive one by
 * one, the second decodes the common prefix again, which determines where it ends.
 *
 * <p>A copied state has the same bits as a computed one, so this does not affect results. Not thread-safe.
 */
final class PrefixSharing {
    /** Splitting a prompt costs about as much as a few positions; sharing fewer positions than this does not pay off. */
    static final int LEAST_POSITIONS = 8;

    private final PrefixCache cache;
    private long prefilledPositions;
    private long reusedPositions;

    PrefixSharing(PrefixCache cache) {
        this.cache = cache;
    }

    /** Prompt positions that were decoded. */
    long prefilledPositions() {
        return prefilledPositions;
    }

    /** Counts prompt positions that are being decoded. */
    void prefilled(int positions) {
        prefilledPositions += positions;
    }

    /** Prompt positions that were copied instead of decoded. */
    long reusedPositions() {
        return reusedPositions;
    }

    /**
     * Gives a row that is about to join {@code active} the longest known state of its prompt, or makes it wait for a
     * row that will have a longer one.
     *
     * @return a snapshot of the whole prompt, whose logits the row can be sampled from at once
     */
    Optional<PrefixCacheEntry> admit(RunningSequence row, List<RunningSequence> active) {
        int[] prompt = row.prompt();
        Optional<PrefixCacheEntry> known = cache.longest(prompt);
        int shared = known.map(PrefixCacheEntry::length).orElse(0);
        RunningSequence source = null;
        for (RunningSequence other : active) {
            int length = other.stops().shared(prompt, other.fed());
            if (length >= shared + LEAST_POSITIONS || (length == prompt.length && length > shared)) {
                source = other;
                shared = length;
            }
        }
        if (source != null) {
            shared = source.stops().addNear(shared, source.fed());
            row.stops().follow(source, shared);
            known = Optional.empty();
        }
        known.ifPresent(snapshot -> copy(snapshot.state(), row));
        int seen = Math.min(cache.longestMatch(prompt), prompt.length - 1);
        if (seen >= shared + LEAST_POSITIONS) {
            row.stops().add(seen);
        }
        row.stops().add(prompt.length);
        return known.filter(snapshot -> snapshot.length() == prompt.length);
    }

    /**
     * Called after a pass: copies the states of rows that reached a stop to waiting rows and to the cache. Rows that
     * now know their whole prompt join the pass without columns of their own.
     */
    void share(Decoder decoder, List<RunningSequence> pass, List<RunningSequence> active) {
        for (int i = pass.size() - 1; i >= 0; i--) { // backwards, because rows are added at the end
            RunningSequence row = pass.get(i);
            if (row.stops().at(row.fed())) {
                for (RunningSequence other : active) {
                    if (other.stops().follows(row)) {
                        copy(row.state(), other);
                        other.lastColumnOf(row);
                        pass.add(other);
                    }
                }
                Optional<PrefixCacheEntry> kept = cache.keep(row.prompt(), row.fed(), row.state());
                if (row.fed() == row.prompt().length) {
                    kept.filter(snapshot -> !snapshot.logitsKnown())
                            .ifPresent(snapshot -> row.copyLogits(decoder, snapshot));
                }
            }
        }
    }

    private void copy(DecoderState from, RunningSequence to) {
        to.resume(from);
        reusedPositions += from.position();
    }

    /** Clears the cache. */
    void close() {
        cache.clear();
    }
}
