package io.spikelet.job.executor;

import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.ManifestReader;
import io.spikelet.engine.model.ModelFormatException;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.Sha256;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A model directory in a Hadoop file system, of which the manifest has been read and the files have been seen. Not
 * thread-safe.
 */
public final class RemoteModel {
    private static final int CHUNK_BYTES = 1 << 20;
    /** A tokenizer that is larger is no tokenizer; the released ones have about 1 MB. */
    private static final long MOST_TOKENIZER_BYTES = 256L << 20;

    private final FileSystem files;
    private final Path directory;
    private final byte[] manifestBytes;
    private final ModelManifest manifest;
    private final long tokenizerBytes;

    private RemoteModel(FileSystem files, Path directory) throws IOException {
        this.files = files;
        this.directory = directory;
        this.manifestBytes = readManifest();
        this.manifest =
                ManifestReader.parse(manifestBytes, new Path(directory, ModelManifest.FILE).toString(), Families.all());
        this.tokenizerBytes = manifest.tokenizerSha256().isPresent() ? size(ModelManifest.TOKENIZER_FILE) : 0;
        requireSizes();
    }

    /**
     * Reads the manifest and looks at the files.
     *
     * @throws ModelFormatException if this is no model directory, or a file is missing or has another size than the
     *     manifest says
     * @throws IOException if the file system does not answer
     */
    public static RemoteModel open(URI uri, Configuration configuration) throws IOException {
        Path path = new Path(uri);
        FileSystem files = path.getFileSystem(configuration);
        return new RemoteModel(files, files.makeQualified(path));
    }

    public ModelManifest manifest() {
        return manifest;
    }

    /** What executors need to find the same model. */
    public ModelHandle handle() {
        return new ModelHandle(directory.toUri(), Sha256.hex(manifestBytes));
    }

    /** The manifest as it is stored. */
    byte[] manifestBytes() {
        return manifestBytes.clone();
    }

    /** Size of all files together. */
    long bytes() {
        return manifestBytes.length + manifest.weightsBytes() + tokenizerBytes;
    }

    /** Copies the weights to a file that exists, checks what came, and leaves them on disk. */
    void copyWeights(java.nio.file.Path target) throws IOException {
        copy(ModelManifest.WEIGHTS_FILE, target, manifest.weightsBytes(), manifest.weightsSha256());
    }

    /** The same for the tokenizer, if there is one. */
    void copyTokenizer(java.nio.file.Path target) throws IOException {
        if (manifest.tokenizerSha256().isPresent()) {
            copy(
                    ModelManifest.TOKENIZER_FILE,
                    target,
                    tokenizerBytes,
                    manifest.tokenizerSha256().get());
        }
    }

    private byte[] readManifest() throws IOException {
        Path file = new Path(directory, ModelManifest.FILE);
        try (InputStream in = files.open(file)) {
            byte[] bytes = in.readNBytes(ManifestReader.MAX_BYTES + 1);
            if (bytes.length > ManifestReader.MAX_BYTES) {
                throw new ModelFormatException(
                        file + " has more than the " + ManifestReader.MAX_BYTES + " bytes that are read of a manifest");
            }
            return bytes;
        } catch (FileNotFoundException e) {
            throw new ModelFormatException(
                    directory
                            + " is not a model directory: it has no manifest.json; copy there a directory that convert wrote",
                    e);
        }
    }

    private void requireSizes() throws IOException {
        long weights = size(ModelManifest.WEIGHTS_FILE);
        if (weights != manifest.weightsBytes()) {
            throw new ModelFormatException(
                    new Path(directory, ModelManifest.WEIGHTS_FILE) + " has " + weights + " bytes; the manifest says "
                            + manifest.weightsBytes() + ": copy the whole model directory again");
        }
        if (tokenizerBytes > MOST_TOKENIZER_BYTES) {
            throw new ModelFormatException(new Path(directory, ModelManifest.TOKENIZER_FILE) + " has " + tokenizerBytes
                    + " bytes; at most " + MOST_TOKENIZER_BYTES + " are read of a tokenizer");
        }
    }

    private long size(String name) throws IOException {
        Path file = new Path(directory, name);
        try {
            FileStatus status = files.getFileStatus(file);
            return status.getLen();
        } catch (FileNotFoundException e) {
            throw new ModelFormatException(file + " is missing; copy the whole model directory again", e);
        }
    }

    private void copy(String name, java.nio.file.Path target, long bytes, String sha256) throws IOException {
        Path source = new Path(directory, name);
        MessageDigest digest = Sha256.digest();
        long copied = 0;
        try (InputStream in = files.open(source);
                FileChannel out = FileChannel.open(target, StandardOpenOption.WRITE)) {
            byte[] chunk = new byte[CHUNK_BYTES];
            for (int read = in.read(chunk); read >= 0 && copied <= bytes; read = in.read(chunk)) {
                digest.update(chunk, 0, read);
                write(out, ByteBuffer.wrap(chunk, 0, read));
                copied += read;
            }
            out.force(true);
        }
        String found = Sha256.hex(digest);
        if (copied != bytes || !found.equals(sha256)) {
            throw new ModelFormatException(source + " arrived with " + copied + " bytes and SHA-256 " + found
                    + "; the manifest says " + bytes + " and " + sha256 + ": copy the whole model directory again");
        }
    }

    private static void write(FileChannel out, ByteBuffer chunk) throws IOException {
        while (chunk.hasRemaining()) {
            out.write(chunk);
        }
    }
}
