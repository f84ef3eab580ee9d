package io.spikelet.engine.token.sentencepiece;

/** What a vocabulary entry is, in the order of the numbers of the model file (from 1). */
enum PieceKind {
    NORMAL,
    UNKNOWN,
    CONTROL,
    USER_DEFINED,
    UNUSED,
    BYTE;

    /** True for pieces that can come out of merging characters of a text. */
    boolean mergeable() {
        return this == NORMAL || this == USER_DEFINED || this == UNUSED;
    }
}
