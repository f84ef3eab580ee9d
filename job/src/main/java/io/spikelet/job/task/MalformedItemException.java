package io.spikelet.job.task;

/** An item that its task cannot turn into a question; the message says why. */
final class MalformedItemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedItemException(String message) {
        super(message);
    }
}
