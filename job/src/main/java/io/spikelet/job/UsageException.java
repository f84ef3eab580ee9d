package io.spikelet.job;

/** Wrong usage or bad input found before work began; its one-line message says what to do. Exit status 2. */
public final class UsageException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public UsageException(String message) {
        super(message);
    }

    public UsageException(String message, Throwable cause) {
        super(message, cause);
    }
}
