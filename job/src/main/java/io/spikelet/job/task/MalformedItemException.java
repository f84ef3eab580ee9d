package io.spikelet.job.task;

/** An item from which its task cannot make a question; the message says what is wrong with it. */
final class MalformedItemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedItemException(String message) {
        super(message);
    }
}
