package io.spikelet.job.executor;

import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.Sha256;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;

/**
 * What is broadcast instead of weights: where the model directory is and what its manifest must hash to. The manifest in
 * its turn holds the hashes of weights and tokenizer.
 *
 * @param uri a {@code file:} URI that names the same content on every node
 * @param manifestSha256 lower-case hexadecimal
 */
public record ModelHandle(URI uri, String manifestSha256) implements Serializable {
    /** The handle of a directory on this machine. */
    public static ModelHandle of(Path directory) {
        return new ModelHandle(
                directory.toAbsolutePath().normalize().toUri(), sha256(directory.resolve(ModelManifest.FILE)));
    }

    /** The directory on this machine. */
    public Path directory() {
        return Path.of(uri);
    }

    static String sha256(Path file) {
        try {
            return Sha256.ofFile(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
