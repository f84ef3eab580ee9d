package io.spikelet.engine.model;

/** A model directory that cannot be used; the message says what, where, the value, the limit and the remedy. */
public final class ModelFormatException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public ModelFormatException(String message) {
        super(message);
    }

    public ModelFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
