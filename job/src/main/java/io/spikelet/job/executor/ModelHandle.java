package io.spikelet.job.executor;

import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.ModelSettings;
import io.spikelet.engine.model.Sha256;
import java.io.Serializable;
import java.net.URI;
import java.nio.file.Path;
import org.apache.commons.io.function.Uncheck;

/**
 * Broadcast instead of weights: the location of the model directory and the expected hash of its manifest. The manifest
 * in its turn holds the hashes of weights and tokenizer.
 *
 * @param uri names the same content on every node; {@code file:} is read where it is, all else is staged
 * @param manifestSha256 lower-case hexadecimal
 * @param settings under which tasks run it
 */
public record ModelHandle(URI uri, String manifestSha256, ModelSettings settings) implements Serializable {
    /** The model as it is. */
    public ModelHandle(URI uri, String manifestSha256) {
        this(uri, manifestSha256, ModelSettings.NONE);
    }

    /** The same model under other settings. */
    public ModelHandle with(ModelSettings others) {
        return new ModelHandle(uri, manifestSha256, others);
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
        return Uncheck.get(() -> Sha256.ofFile(file), () -> "cannot read " + file);
    }
}
