package io.spikelet.engine.model;

import io.spikelet.engine.tensor.Layout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Checks the content of a model directory against the checksums of its manifest. Stateless. */
public final class ModelVerifier {
    private ModelVerifier() {}

    /**
     * Reads every file of the directory once.
     *
     * @param families known to this program
     * @throws ModelFormatException if the manifest is wrong, a file is missing, or a checksum differs
     * @throws UncheckedIOException if a file cannot be read
     */
    public static void verify(Path modelDir, ModelFamilies families) {
        ModelManifest manifest = ManifestReader.read(modelDir, families);
        verifyFile(modelDir.resolve(ModelManifest.WEIGHTS_FILE), manifest.weightsSha256());
        verifyTokenizer(modelDir, manifest);
        // Checks the values too, because a correct checksum does not mean that all numbers are finite.
        try (MappedWeights weights = MappedWeights.map(modelDir, families)) {
            for (TensorSpec spec : manifest.config().tensors()) {
                if (spec.layout() == Layout.BIT_ROWS) {
                    weights.bits(spec.name());
                } else if (spec.isMatrix()) {
                    weights.matrix(spec.name());
                } else {
                    weights.vector(spec.name());
                }
            }
        }
    }

    /**
     * The tokenizer that a model directory holds, checked against its manifest.
     *
     * @throws ModelFormatException if it is missing, not in the manifest, or differs from the manifest
     * @throws UncheckedIOException if a file cannot be read
     */
    static Optional<TokenizerFiles> verifyTokenizer(Path modelDir, ModelManifest manifest) {
        Optional<TokenizerFiles> files = TokenizerFiles.in(modelDir);
        Optional<String> expected = manifest.tokenizerSha256();
        if (files.isEmpty()) {
            if (expected.isPresent()) {
                throw new ModelFormatException(
                        modelDir + " has lost its tokenizer, which the manifest names; copy the directory again");
            }
            return files;
        }
        if (expected.isEmpty()) {
            throw new ModelFormatException(
                    modelDir + ": " + files.get().label() + " is not in the manifest; convert again with --tokenizer");
        }
        String actual = files.get().sha256();
        if (!actual.equals(expected.get())) {
            throw new ModelFormatException(modelDir + ": " + files.get().label() + " is damaged: its SHA-256 is "
                    + actual + ", the manifest says " + expected.get()
                    + "; copy it again or convert the checkpoint again");
        }
        return files;
    }

    private static void verifyFile(Path file, String expected) {
        if (!Files.isRegularFile(file)) {
            throw new ModelFormatException(file + " is missing; copy the directory again");
        }
        try {
            String actual = Sha256.ofFile(file);
            if (!actual.equals(expected)) {
                throw new ModelFormatException(file + " is damaged: its SHA-256 is " + actual + ", the manifest says "
                        + expected + "; copy it again or convert the checkpoint again");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
