package io.spikelet.engine.model;

import io.spikelet.engine.message.Excerpt;

/**
 * The files of an opened model do not match its manifest, so results computed from them are wrong. An {@code Error},
 * because it is not a failure of one row: the handling of row errors does not catch it, and the run ends.
 */
public final class DamagedModelError extends Error {
    private static final long serialVersionUID = 1L;

    DamagedModelError(String message) {
        super(Excerpt.message(message));
    }
}
