package io.spikelet.job.cli;

/** The exit status of the process. */
final class ExitStatus {
    /** Done. */
    static final int DONE = 0;
    /** The job finished, but more rows failed than were allowed to. */
    static final int ROWS_FAILED = 1;
    /** Wrong usage, or bad input found before work began. */
    static final int BAD_INPUT = 2;
    /** The run failed. */
    static final int RUN_FAILED = 3;

    /** A stop was requested; started rows are committed. */
    static final int STOPPED = 4;

    private ExitStatus() {}
}
