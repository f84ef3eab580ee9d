package io.spikelet.job;

/** A run ended because somebody asked it to, with all that was begun committed; the message says how to go on. */
public final class RunStoppedException extends RunFailedException {
    private static final long serialVersionUID = 1L;

    public RunStoppedException(String message, Throwable cause) {
        super(message, cause);
    }
}
