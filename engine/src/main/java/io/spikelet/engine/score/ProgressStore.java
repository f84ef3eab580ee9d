package io.spikelet.engine.score;

import java.time.Duration;
import java.util.Optional;

/**
 * Stores the progress of long units, so that another process can continue where this one ended. The stored bytes may be
 * damaged or belong to other work with the same name; then they are not used. Not thread-safe; one per scorer.
 */
public interface ProgressStore {
    /** A store that keeps nothing. */
    ProgressStore NONE = new ProgressStore() {
        @Override
        public Duration interval() {
            return Duration.ofDays(1);
        }

        @Override
        public Optional<byte[]> find(String rowId) {
            return Optional.empty();
        }

        @Override
        public void keep(String rowId, byte[] progress) {}

        @Override
        public void drop(String rowId) {}
    };

    /** Time between two records of one unit; a unit that takes less time has no record. */
    Duration interval();

    /** The last record of a unit, if there is one. */
    Optional<byte[]> find(String rowId);

    /** Replaces the record of a unit. The store must handle its own failures; they must not make the unit fail. */
    void keep(String rowId, byte[] progress);

    /** Removes the record of a unit, because it is done. */
    void drop(String rowId);
}
