package io.spikelet.job.plan;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * The state of an unfinished job other than its shards.
 *
 * @param startedAtMillis of its first attempt, since the epoch
 * @param attempts processes that have worked on it
 * @param fingerprint fields of the {@link Fingerprint}
 * @param earlierMillis the time that earlier attempts took, each from its start to the last shard that it committed
 * @param attemptAtMillis when the last attempt began, since the epoch
 */
public record RunState(
        String runId,
        long startedAtMillis,
        int attempts,
        Map<String, String> fingerprint,
        long earlierMillis,
        long attemptAtMillis) {
    @JsonCreator
    public RunState {
        Objects.requireNonNull(runId, "runId");
        fingerprint = Map.copyOf(fingerprint);
        attemptAtMillis = attemptAtMillis == 0 ? startedAtMillis : attemptAtMillis; // older states do not say
    }

    /** A job whose first attempt begins. */
    public static RunState fresh(String runId, long nowMillis) {
        return new RunState(runId, nowMillis, 1, Map.of(), 0, nowMillis);
    }

    /** When the first attempt began. */
    public Instant startedAt() {
        return Instant.ofEpochMilli(startedAtMillis);
    }

    /** Milliseconds of work up to a time of the last attempt, without the time between the attempts. */
    public long workedMillis(long nowMillis) {
        return earlierMillis + Math.max(0, nowMillis - attemptAtMillis);
    }

    /** The same with a fingerprint. */
    public RunState with(Map<String, String> fields) {
        return new RunState(runId, startedAtMillis, attempts, fields, earlierMillis, attemptAtMillis);
    }

    /**
     * The next process that works on it.
     *
     * @param lastCommitMillis when the last shard was committed, since the epoch; 0 if none was
     */
    public RunState nextAttempt(long nowMillis, long lastCommitMillis) {
        return new RunState(
                runId, startedAtMillis, attempts + 1, fingerprint, workedMillis(lastCommitMillis), nowMillis);
    }
}
