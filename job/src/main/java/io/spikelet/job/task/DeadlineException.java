package io.spikelet.job.task;

/** A row took too long before it reached the engine. */
final class DeadlineException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DeadlineException(String message) {
        super(message);
    }
}
