package io.spikelet.engine.decode;

import io.spikelet.engine.model.StateShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Snapshots of prompt prefixes, limited in bytes. Snapshots that were used recently are kept for longer; among the
 * others, the least recently used is replaced and its memory is reused, so a full cache allocates almost nothing.
 *
 * <p>Not thread-safe; one per generator.
 */
final class PrefixCache {
    private static final int MAX_SNAPSHOTS = 64; // every new prompt is compared with all of them
    private static final int MAX_WASTE = 4; // factor on the memory that a snapshot would need

    private final StateShape shape;
    private final int vocabulary;
    private final long limitBytes;
    private final List<PrefixCacheEntry> snapshots = new ArrayList<>(); // least recently used first
    private long bytes;
    private boolean full; // the cache has been full: from now on memory is reused

    /**
     * @param vocabulary logits per position
     * @param limitBytes 0 keeps nothing
     */
    PrefixCache(StateShape shape, int vocabulary, long limitBytes) {
        this.shape = shape;
        this.vocabulary = vocabulary;
        this.limitBytes = limitBytes;
    }

    /** Bytes of all snapshots. */
    long bytes() {
        return bytes;
    }

    /** The longest snapshot that is a prefix of the prompt; a snapshot of the whole prompt only if it has logits. */
    Optional<PrefixCacheEntry> longest(int[] prompt) {
        PrefixCacheEntry longest = null;
        for (PrefixCacheEntry snapshot : snapshots) {
            boolean whole = snapshot.length() == prompt.length;
            if (snapshot.length() <= prompt.length
                    && (longest == null || snapshot.length() > longest.length())
                    && snapshot.match(prompt, prompt.length) == snapshot.length()
                    && (!whole || snapshot.logitsKnown())) {
                longest = snapshot;
            }
        }
        if (longest != null) {
            longest.reward();
            touch(longest);
        }
        return Optional.ofNullable(longest);
    }

    /** Length of the longest common prefix of a prompt and any snapshot, whether or not the snapshot ends there. */
    int longestMatch(int[] prompt) {
        int longest = 0;
        for (PrefixCacheEntry snapshot : snapshots) {
            longest = Math.max(longest, snapshot.match(prompt, prompt.length));
        }
        return longest;
    }

    /** Keeps a copy of {@code state}, which has decoded the first {@code length} ids of a prompt, if there is room. */
    Optional<PrefixCacheEntry> keep(int[] prompt, int length, DecoderState state) {
        for (PrefixCacheEntry snapshot : snapshots) {
            if (snapshot.length() == length && snapshot.match(prompt, length) == length) {
                touch(snapshot);
                return Optional.of(snapshot);
            }
        }
        Optional<PrefixCacheEntry> fresh = room(length);
        fresh.ifPresent(snapshot -> {
            snapshot.take(prompt, length, state);
            snapshots.add(snapshot);
            bytes += snapshot.bytes();
        });
        return fresh;
    }

    /**
     * Memory for a snapshot of {@code length} positions: new memory while the limit allows, then that of replaced
     * snapshots.
     */
    private Optional<PrefixCacheEntry> room(int length) {
        long needed = shape.bytes(length) + (long) vocabulary * Float.BYTES;
        if (needed > limitBytes) {
            return Optional.empty();
        }
        full |= !fits(needed);
        if (full) {
            for (PrefixCacheEntry snapshot : snapshots) {
                boolean suits = snapshot.capacity() >= length && snapshot.bytes() <= MAX_WASTE * needed;
                if (suits && snapshot.yields()) {
                    remove(snapshot);
                    return Optional.of(snapshot);
                }
            }
            dropFor(needed);
        }
        return fits(needed)
                ? Optional.of(new PrefixCacheEntry(
                        new DecoderState(shape.create(length), shape.capacity(length)), vocabulary, needed))
                : Optional.empty();
    }

    private boolean fits(long needed) {
        return bytes + needed <= limitBytes && snapshots.size() < MAX_SNAPSHOTS;
    }

    private void dropFor(long needed) {
        for (int i = 0; i < snapshots.size() && !fits(needed); ) {
            PrefixCacheEntry snapshot = snapshots.get(i);
            if (snapshot.yields()) {
                remove(snapshot);
            } else {
                i++;
            }
        }
    }

    private void remove(PrefixCacheEntry snapshot) {
        snapshots.remove(snapshot);
        bytes -= snapshot.bytes();
    }

    private void touch(PrefixCacheEntry snapshot) {
        snapshots.remove(snapshot);
        snapshots.add(snapshot);
    }

    void clear() {
        snapshots.clear();
        bytes = 0;
        full = false;
    }
}
