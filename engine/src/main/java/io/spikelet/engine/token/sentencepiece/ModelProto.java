package io.spikelet.engine.token.sentencepiece;

import java.util.List;

/** What a SentencePiece .model file says, as far as encoding and decoding need it. */
record ModelProto(List<Piece> pieces, TrainerSpec trainer, NormalizerSpec normalizer) {
    ModelProto {
        pieces = List.copyOf(pieces);
    }

    /** One vocabulary entry; its index is its id. */
    record Piece(String text, float score, PieceKind kind) {}

    record TrainerSpec(
            boolean byteFallback,
            boolean whitespaceAsSuffix,
            String unknownSurface,
            String bosPiece,
            String eosPiece) {}

    /** @param charMap the precompiled character map, empty for the identity */
    @SuppressWarnings("ArrayRecordComponent") // a private hand-over from the reader, never compared
    record NormalizerSpec(
            byte[] charMap, boolean addDummyPrefix, boolean removeExtraWhitespaces, boolean escapeWhitespaces) {}
}
