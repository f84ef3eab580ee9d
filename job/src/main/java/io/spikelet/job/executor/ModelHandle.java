package io.spikelet.job.executor;

import io.spikelet.engine.model.Ablation;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.Sha256;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Set;

/**
 * Broadcast instead of weights: the location of the model directory and the expected hash of its manifest. The manifest
 * in its turn holds the hashes of weights and tokenizer.
 *
 * @param uri names the same content on every node; {@code file:} is read where it is, all else is staged
 * @param manifestSha256 lower-case hexadecimal
 * @param ablations parts of the model that tasks disable
 */
public record ModelHandle(URI uri, String manifestSha256, Set<Ablation> ablations) implements Serializable {
    public ModelHandle {
        ablations = Set.copyOf(ablations);
    }

    /** The whole model. */
    public ModelHandle(URI uri, String manifestSha256) {
        this(uri, manifestSha256, Set.of());
    }

    /** The same model with parts disabled. */
    public ModelHandle ablated(Set<Ablation> parts) {
        return new ModelHandle(uri, manifestSha256, parts);
    }

    /** The handle of a directory on this machine. */
    public static ModelHandle of(Path directory) {
        return new ModelHandle(ModelLocation.of(directory).uri(), sha256(directory.resolve(ModelManifest.FILE)));
    }

    public boolean isLocal() {
        return ModelLocation.isLocal(uri);
    }

    /** The directory on this machine, if it is local. */
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
