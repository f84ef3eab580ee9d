package io.spikelet.engine.convert;

import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.Sha256;
import io.spikelet.engine.token.sentencepiece.SentencePieceTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A SentencePiece model that is to be copied.
 *
 * @param content the bytes that were checked, so that they are the bytes that are copied
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record TokenizerFile(Path file, byte[] content, int pieces) {
    private static final int MAX_BYTES = 64 << 20;

    /** Reads and checks the file. */
    static TokenizerFile read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new CheckpointFormatException("there is no tokenizer " + file);
        }
        try {
            ForeignContent.refuse(file);
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw new CheckpointFormatException(
                        "tokenizer " + file + " has " + size + " bytes; at most " + MAX_BYTES + " are read");
            }
            byte[] content = Files.readAllBytes(file);
            return new TokenizerFile(
                    file, content, SentencePieceTokenizer.parse(content).vocabSize());
        } catch (CheckpointFormatException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new CheckpointFormatException("tokenizer " + file + " cannot be used: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    String sha256() {
        return Sha256.hex(content);
    }

    /** Puts it into a model directory. */
    void writeTo(Path directory) throws IOException {
        Files.write(directory.resolve(ModelManifest.TOKENIZER_FILE), content);
    }

    /** Refuses a tokenizer whose ids would have no embedding. */
    void requireFits(FamilyConfig config) {
        if (pieces > config.vocabSize()) {
            throw new CheckpointFormatException("tokenizer " + file + " has " + pieces + " pieces, but the model's"
                    + " vocab_size is " + config.vocabSize() + "; give the tokenizer that belongs to the checkpoint");
        }
    }
}
