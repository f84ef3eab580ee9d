package io.spikelet.job.action;

import io.spikelet.job.UsageException;
import java.util.OptionalLong;

/**
 * How a job treats work that is done already.
 *
 * @param resume go on with what is there, instead of refusing it
 * @param retryFailed do rows with an error again
 * @param sliceRows rows that are committed together; empty for a 64th of the input, but at least 1,000
 */
public record ResumePolicy(boolean resume, boolean retryFailed, OptionalLong sliceRows) {
    /** A new job in slices of the usual size. */
    public static final ResumePolicy NEW = new ResumePolicy(false, false, OptionalLong.empty());

    public ResumePolicy {
        if (sliceRows.isPresent() && sliceRows.getAsLong() < 1) {
            throw new UsageException("--slice-rows is " + sliceRows.getAsLong() + "; it must be at least 1");
        }
    }

    boolean goesOn() {
        return resume || retryFailed;
    }
}
