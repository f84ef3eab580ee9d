package io.spikelet.job.action;

/** How a job treats existing work. */
public enum ResumePolicy {
    /** There must be none. */
    NEW,
    /** Continues existing work. */
    RESUME,
    /** As {@link #RESUME}, and rows with an error are done again. */
    RETRY_FAILED;

    boolean goesOn() {
        return this != NEW;
    }
}
