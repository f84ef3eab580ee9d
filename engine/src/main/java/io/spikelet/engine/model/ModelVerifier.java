package io.spikelet.engine.model;

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
     * @param families that this program knows
     * @throws ModelFormatException if the manifest is wrong, a file is missing, or a checksum differs
     * @throws UncheckedIOException if a file cannot be read
     */
    public static void verify(Path modelDir, ModelFamilies families) {
        ModelManifest manifest = ManifestReader.read(modelDir, families);
        verifyFile(modelDir.resolve(ModelManifest.WEIGHTS_FILE), Optional.of(manifest.weightsSha256()));
        verifyFile(modelDir.resolve(ModelManifest.TOKENIZER_FILE), manifest.tokenizerSha256());
        // The values too: a checksum says that nothing changed, not that a number is finite.
        try (MappedWeights weights = MappedWeights.map(modelDir, families)) {
            for (TensorSpec spec : manifest.config().tensors()) {
                if (spec.isMatrix()) {
                    weights.matrix(spec.name());
                } else {
                    weights.vector(spec.name());
                }
            }
        }
    }

    private static void verifyFile(Path file, Optional<String> expected) {
        boolean exists = Files.isRegularFile(file);
        if (expected.isEmpty()) {
            if (exists) {
                throw new ModelFormatException(file + " is not in the manifest; convert again with --tokenizer");
            }
            return;
        }
        if (!exists) {
            throw new ModelFormatException(file + " is missing; copy the directory again");
        }
        try {
            String actual = Sha256.ofFile(file);
            if (!actual.equals(expected.get())) {
                throw new ModelFormatException(file + " is damaged: its SHA-256 is " + actual + ", the manifest says "
                        + expected.get() + "; copy it again or convert the checkpoint again");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
