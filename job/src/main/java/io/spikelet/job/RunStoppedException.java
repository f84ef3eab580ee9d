package io.spikelet.job;

/** A run ended because a stop was requested, after committing all started rows; the message says how to continue. */
public final class RunStoppedException extends RunFailedException {
    private static final long serialVersionUID = 1L;

    public RunStoppedException(String message, Throwable cause) {
        super(message, cause);
    }
}
