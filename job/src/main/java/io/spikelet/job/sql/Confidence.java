package io.spikelet.job.sql;

import io.spikelet.engine.score.Bootstrap;
import io.spikelet.job.UsageException;
import java.io.Serializable;

/**
 * How the intervals of a summary are drawn.
 *
 * @param seed of the bootstrap; with the row ids it determines every bit
 * @param replicates 0 for no bootstrap
 */
public record Confidence(long seed, int replicates) implements Serializable {
    /** A thousand replicates of seed 0. */
    public static final Confidence DEFAULT = new Confidence(0, Bootstrap.DEFAULT_REPLICATES);

    private static final int MOST_REPLICATES = 100_000;

    public Confidence {
        if (replicates < 0 || replicates > MOST_REPLICATES) {
            throw new UsageException("--bootstrap is " + replicates + "; it must be 0 to " + MOST_REPLICATES);
        }
    }
}
