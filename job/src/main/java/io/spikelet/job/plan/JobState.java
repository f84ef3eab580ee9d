package io.spikelet.job.plan;

import java.time.Instant;
import java.util.Map;

/**
 * What is known of an unfinished job besides its slices.
 *
 * @param startedAtMillis of its first attempt, since the epoch
 * @param attempts processes that have worked on it
 * @param fingerprint fields of the {@link Fingerprint}
 */
public record JobState(String runId, long startedAtMillis, int attempts, Map<String, String> fingerprint) {
    public JobState {
        fingerprint = Map.copyOf(fingerprint);
    }

    /** When the first attempt began. */
    public Instant startedAt() {
        return Instant.ofEpochMilli(startedAtMillis);
    }

    JobState nextAttempt() {
        return new JobState(runId, startedAtMillis, attempts + 1, fingerprint);
    }
}
