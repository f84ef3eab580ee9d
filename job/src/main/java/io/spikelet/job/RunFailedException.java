package io.spikelet.job;

/** A run that began its work and could not finish it; nothing was published. Exit status 3. */
public sealed class RunFailedException extends RuntimeException permits RunStoppedException {
    private static final long serialVersionUID = 1L;

    public RunFailedException(String message) {
        super(message);
    }

    public RunFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
