package io.spikelet.engine.model;

import io.spikelet.engine.message.Excerpt;

/** A model directory that cannot be used; the message names the problem, the place, the value, the limit and the remedy. */
public final class ModelFormatException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public ModelFormatException(String message) {
        super(Excerpt.message(message));
    }

    public ModelFormatException(String message, Throwable cause) {
        super(Excerpt.message(message), cause);
    }
}
