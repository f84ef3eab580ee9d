package io.spikelet.engine.convert;

import io.spikelet.engine.message.Excerpt;

/**
 * A checkpoint, configuration or tokenizer that cannot be converted; the message names the problem, the place and the
 * remedy.
 */
public final class CheckpointFormatException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public CheckpointFormatException(String message) {
        super(Excerpt.message(message));
    }

    public CheckpointFormatException(String message, Throwable cause) {
        super(Excerpt.message(message), cause);
    }
}
