package io.spikelet.job.task;

/** A row has taken too long before the engine had it. */
final class DeadlineException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DeadlineException(String message) {
        super(message);
    }
}
