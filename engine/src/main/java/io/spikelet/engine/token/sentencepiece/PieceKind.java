package io.spikelet.engine.token.sentencepiece;

/** The kind of a vocabulary entry, in the order of the numbers in the model file (from 1). */
enum PieceKind {
    NORMAL,
    UNKNOWN,
    CONTROL,
    USER_DEFINED,
    UNUSED,
    BYTE;

    /** Whether merging the characters of a text can produce pieces of this kind. */
    boolean mergeable() {
        return this == NORMAL || this == USER_DEFINED || this == UNUSED;
    }
}
