package io.spikelet.engine.convert;

import io.spikelet.engine.model.ModelConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** A SentencePiece model that is to be copied, known to fit the vocabulary. */
record TokenizerFile(byte[] content, int pieces) {
    private static final int MAX_BYTES = 64 << 20;
    private static final int PIECE_FIELD = 1;

    /** Reads and checks the file. */
    static TokenizerFile read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new CheckpointFormatException("there is no tokenizer " + file);
        }
        byte[] content;
        try {
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw new CheckpointFormatException(
                        "tokenizer " + file + " has " + size + " bytes; at most " + MAX_BYTES + " are read");
            }
            content = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
        int pieces = countPieces(ByteBuffer.wrap(content));
        if (pieces < 1) {
            throw new CheckpointFormatException(file + " is not a SentencePiece model; give the tokenizer.model that"
                    + " belongs to the checkpoint");
        }
        return new TokenizerFile(content, pieces);
    }

    /** Refuses a tokenizer whose ids would have no embedding. */
    void requireFits(ModelConfig config, Path file) {
        if (pieces > config.vocabSize()) {
            throw new CheckpointFormatException("tokenizer " + file + " has " + pieces + " pieces, but the model's"
                    + " vocab_size is " + config.vocabSize() + "; give the tokenizer that belongs to the checkpoint");
        }
    }

    /** The pieces are the repeated field 1 of the protocol buffer; -1 if it is not one. */
    private static int countPieces(ByteBuffer bytes) {
        int pieces = 0;
        while (bytes.hasRemaining()) {
            long key = varint(bytes);
            long length = switch ((int) (key & 7)) {
                case 0 -> varint(bytes) < 0 ? -1 : 0;
                case 1 -> Long.BYTES;
                case 2 -> varint(bytes);
                case 5 -> Integer.BYTES;
                default -> -1;
            };
            if (key <= 0 || length < 0 || length > bytes.remaining()) {
                return -1;
            }
            bytes.position(bytes.position() + (int) length);
            pieces += key == (PIECE_FIELD << 3 | 2) ? 1 : 0;
        }
        return pieces;
    }

    private static long varint(ByteBuffer bytes) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE && bytes.hasRemaining(); shift += 7) {
            byte next = bytes.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        return -1;
    }
}
