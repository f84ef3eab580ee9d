package io.spikelet.engine.score;

import io.spikelet.engine.decode.DecoderState;

/**
 * What one window has in a pass.
 *
 * @param first the first of its tokens, an index into the document's sequence
 * @param firstColumn of its columns, which stand together
 */
record Span(DocumentCursor document, Window window, DecoderState state, int first, int firstColumn, int columns) {
    boolean endsWindow() {
        return first + columns == window.end();
    }
}
