package io.spikelet.engine.token;

import io.spikelet.engine.message.Excerpt;

/**
 * A tokenizer model that is damaged or that needs a feature this reader does not support; the message names the problem
 * and the place.
 */
public final class TokenizerFormatException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** @param message what is wrong and where */
    public TokenizerFormatException(String message) {
        super(Excerpt.message(message));
    }

    /** @param message what is wrong and where */
    public TokenizerFormatException(String message, Throwable cause) {
        super(Excerpt.message(message), cause);
    }
}
