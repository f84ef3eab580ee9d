package io.spikelet.engine.model;

import io.spikelet.engine.message.Excerpt;

/**
 * The files of an opened model are not those of its manifest, so that nothing computed from them is worth anything. An error,
 * since it is no failure of a row: what handles those lets it pass, and the run ends.
 */
public final class DamagedModelError extends Error {
    private static final long serialVersionUID = 1L;

    DamagedModelError(String message) {
        super(Excerpt.message(message));
    }
}
