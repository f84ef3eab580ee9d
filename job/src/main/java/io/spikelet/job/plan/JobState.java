package io.spikelet.job.plan;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * The state of an unfinished job other than its shards.
 *
 * @param startedAtMillis of its first attempt, since the epoch
 * @param attempts processes that have worked on it
 * @param fingerprint fields of the {@link Fingerprint}
 */
public record JobState(String runId, long startedAtMillis, int attempts, Map<String, String> fingerprint) {
    public JobState {
        Objects.requireNonNull(runId, "runId");
        fingerprint = Map.copyOf(fingerprint);
    }

    /** When the first attempt began. */
    public Instant startedAt() {
        return Instant.ofEpochMilli(startedAtMillis);
    }

    /** The same with a fingerprint. */
    public JobState with(Map<String, String> fields) {
        return new JobState(runId, startedAtMillis, attempts, fields);
    }

    /** The next process that works on it. */
    public JobState nextAttempt() {
        return new JobState(runId, startedAtMillis, attempts + 1, fingerprint);
    }
}
