package io.spikelet.engine.convert;

import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.model.TokenizerFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A tokenizer that has been read and checked, to be copied into a model directory.
 *
 * @param pieces number of its ids
 */
record CheckedTokenizer(TokenizerFiles files, int pieces) {
    /**
     * Reads and checks the file or folder that the user gave.
     *
     * @throws CheckpointFormatException if it cannot be used, or has ids without an embedding
     */
    static CheckedTokenizer at(Path fileOrFolder, FamilyConfig config) {
        try {
            if (Files.isRegularFile(fileOrFolder)) {
                ForeignContent.refuse(fileOrFolder);
            }
            return check(TokenizerFiles.at(fileOrFolder), config);
        } catch (CheckpointFormatException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new CheckpointFormatException("tokenizer " + fileOrFolder + " cannot be used: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + fileOrFolder, e);
        }
    }

    /**
     * The tokenizer in the folder of a checkpoint, if there is exactly one and it fits. Reports which one is used, or
     * why none is.
     */
    static Optional<CheckedTokenizer> beside(Path checkpoint, FamilyConfig config, Consumer<String> progress) {
        Path folder = checkpoint.toAbsolutePath().getParent();
        try {
            Optional<CheckedTokenizer> found = TokenizerFiles.inFolder(folder).map(files -> check(files, config));
            found.ifPresent(tokenizer -> progress.accept("tokenizer: "
                    + tokenizer.files().label() + " beside the checkpoint, " + tokenizer.pieces() + " ids"));
            return found;
        } catch (IllegalArgumentException | UncheckedIOException e) {
            progress.accept("no tokenizer: what lies beside the checkpoint cannot be used: " + e.getMessage());
            return Optional.empty();
        }
    }

    private static CheckedTokenizer check(TokenizerFiles files, FamilyConfig config) {
        int pieces = files.tokenizer(config.specialTokens()).vocabSize();
        if (pieces > config.vocabSize()) {
            throw new CheckpointFormatException("tokenizer " + files.label() + " has " + pieces
                    + " pieces, but the model's vocab_size is " + config.vocabSize()
                    + "; give the tokenizer that belongs to the checkpoint");
        }
        return new CheckedTokenizer(files, pieces);
    }

    String sha256() {
        return files.sha256();
    }
}
