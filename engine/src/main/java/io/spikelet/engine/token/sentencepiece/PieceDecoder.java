package io.spikelet.engine.token.sentencepiece;

import io.spikelet.engine.token.Tokenizer;
import io.spikelet.engine.token.Utf8;

/**
 * Decodes as SentencePiece does: consecutive byte pieces are read as UTF-8, with U+FFFD for each undecodable byte, and
 * the blank that encoding puts before the text is removed. Not thread-safe.
 */
final class PieceDecoder implements Tokenizer.StreamDecoder {
    /** Which leading SPACE is removed: none, that of the first visible piece, or those of all pieces before any text. */
    enum LeadingSpace {
        KEPT,
        FIRST_DROPPED,
        ALL_DROPPED
    }

    private final Vocabulary vocabulary;
    private final String unknownSurface;
    private final LeadingSpace leadingSpace;

    private final byte[] pending = new byte[4]; // the start of a UTF-8 sequence
    private int pendingCount;
    private boolean leading = true; // no text so far, and no SPACE that FIRST_DROPPED removed
    private boolean finished;

    PieceDecoder(Vocabulary vocabulary, String unknownSurface, LeadingSpace leadingSpace) {
        this.vocabulary = vocabulary;
        this.unknownSurface = unknownSurface;
        this.leadingSpace = leadingSpace;
    }

    @Override
    public String next(int id) {
        if (finished) {
            throw new IllegalStateException(
                    "next(" + id + ") after finish(); take a new stream decoder for a new text");
        }
        StringBuilder out = new StringBuilder();
        append(id, out);
        return out.toString();
    }

    @Override
    public String finish() {
        StringBuilder out = new StringBuilder();
        finish(out);
        finished = true;
        return out.toString();
    }

    @Override
    public void finish(StringBuilder out) {
        drain(out, true);
    }

    @Override
    public void append(int id, StringBuilder out) {
        PieceKind kind = vocabulary.kind(id);
        if (kind == PieceKind.BYTE) {
            pending[pendingCount++] = vocabulary.byteOf(id);
            drain(out, false);
            return;
        }
        drain(out, true);
        switch (kind) {
            case CONTROL -> {}
            case UNKNOWN -> appendText(unknownSurface, 0, out);
            default -> appendPiece(id, out);
        }
    }

    private void appendPiece(int id, StringBuilder out) {
        boolean drop = leading
                && leadingSpace != LeadingSpace.KEPT
                && vocabulary.piece(id).startsWith(Vocabulary.SPACE);
        leading &= !(drop && leadingSpace == LeadingSpace.FIRST_DROPPED);
        appendText(vocabulary.surface(id), drop ? 1 : 0, out);
    }

    private void appendText(String text, int from, StringBuilder out) {
        out.append(text, from, text.length());
        leading &= from == text.length();
    }

    /** Moves the certain part of the pending bytes to {@code out}, or all of them if no more can follow. */
    private void drain(StringBuilder out, boolean ended) {
        while (pendingCount > 0) {
            int length = Utf8.complete(pending, pendingCount);
            if (length == 0 && !ended) {
                return;
            }
            if (length > 0) {
                out.appendCodePoint(Utf8.codePoint(pending, length));
            } else {
                out.append(Utf8.REPLACEMENT);
            }
            int consumed = Math.max(length, 1);
            pendingCount -= consumed;
            System.arraycopy(pending, consumed, pending, 0, pendingCount);
            leading = false;
        }
    }
}
