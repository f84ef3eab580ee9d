package io.spikelet.engine.token.sentencepiece;

import java.util.List;

/** The part of a SentencePiece .model file that encoding and decoding need. */
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

    /** @param charMap the precompiled character map; empty for the identity */
    @SuppressWarnings("ArrayRecordComponent") // passed privately from the reader, never compared
    record NormalizerSpec(
            byte[] charMap, boolean addDummyPrefix, boolean removeExtraWhitespaces, boolean escapeWhitespaces) {}
}
