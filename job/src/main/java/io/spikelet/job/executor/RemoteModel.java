package io.spikelet.job.executor;

import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.ManifestReader;
import io.spikelet.engine.model.ModelFormatException;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.Sha256;
import io.spikelet.engine.model.TokenizerFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.io.IOUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A model directory in a Hadoop file system, of which the manifest has been read and the files have been seen. Not
 * thread-safe.
 */
public final class RemoteModel {
    private static final int CHUNK_BYTES = 1 << 20;

    private final FileSystem files;
    private final Path directory;
    private final byte[] manifestBytes;
    private final ModelManifest manifest;
    private final Map<String, Long> tokenizerBytes; // by file, in the order in which they are hashed

    private RemoteModel(FileSystem files, Path directory) throws IOException {
        this.files = files;
        this.directory = directory;
        this.manifestBytes = readManifest();
        this.manifest =
                ManifestReader.parse(manifestBytes, new Path(directory, ModelManifest.FILE).toString(), Families.all());
        this.tokenizerBytes = manifest.tokenizerSha256().isPresent() ? findTokenizer() : Map.of();
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

    /** The handle with which executors find the same model. */
    public ModelHandle handle() {
        return new ModelHandle(directory.toUri(), Sha256.hex(manifestBytes));
    }

    /** The manifest as it is stored. */
    byte[] manifestBytes() {
        return manifestBytes.clone();
    }

    /** Size of all files together. */
    long bytes() {
        return manifestBytes.length
                + manifest.weightsBytes()
                + tokenizerBytes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Names of the tokenizer's files; none if there is no tokenizer. */
    Set<String> tokenizerFiles() {
        return tokenizerBytes.keySet();
    }

    /** Copies the weights to an existing file, checks them, and syncs them to disk. */
    void copyWeights(java.nio.file.Path target) throws IOException {
        MessageDigest digest = Sha256.digest();
        copy(ModelManifest.WEIGHTS_FILE, target, manifest.weightsBytes(), digest);
        requireHash(ModelManifest.WEIGHTS_FILE, digest, manifest.weightsSha256());
    }

    /** The same for the tokenizer, if there is one, to files in a directory. */
    void copyTokenizer(java.nio.file.Path directory) throws IOException {
        if (manifest.tokenizerSha256().isEmpty()) {
            return;
        }
        MessageDigest digest = Sha256.digest();
        for (Map.Entry<String, Long> file : tokenizerBytes.entrySet()) {
            copy(file.getKey(), directory.resolve(file.getKey()), file.getValue(), digest);
        }
        requireHash(
                String.join(" and ", tokenizerFiles()),
                digest,
                manifest.tokenizerSha256().get());
    }

    /** The files of a model directory determine the kind of tokenizer. */
    private Map<String, Long> findTokenizer() throws IOException {
        for (List<String> kind : TokenizerFiles.KINDS) {
            Map<String, Long> sizes = new LinkedHashMap<>();
            for (String name : kind) {
                if (files.exists(new Path(directory, name))) {
                    sizes.put(name, size(name));
                }
            }
            if (sizes.size() == kind.size()) {
                return sizes;
            }
        }
        throw new ModelFormatException(
                directory + " has lost its tokenizer, which the manifest names; copy the whole model directory again");
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
        tokenizerBytes.forEach((name, bytes) -> {
            if (bytes > TokenizerFiles.MAX_FILE_BYTES) {
                throw new ModelFormatException(new Path(directory, name) + " has " + bytes + " bytes; at most "
                        + TokenizerFiles.MAX_FILE_BYTES + " are read of a tokenizer's file");
            }
        });
    }

    private long size(String name) throws IOException {
        Path file = new Path(directory, name);
        try {
            return files.getFileStatus(file).getLen();
        } catch (FileNotFoundException e) {
            throw new ModelFormatException(file + " is missing; copy the whole model directory again", e);
        }
    }

    private void copy(String name, java.nio.file.Path target, long bytes, MessageDigest digest) throws IOException {
        Path source = new Path(directory, name);
        long copied;
        try (InputStream in = new DigestInputStream(files.open(source), digest);
                FileChannel out = FileChannel.open(target, StandardOpenOption.WRITE)) {
            copied = IOUtils.copyLarge(in, Channels.newOutputStream(out), 0, bytes + 1, new byte[CHUNK_BYTES]);
            out.force(true);
        }
        if (copied != bytes) {
            throw new ModelFormatException(source + " arrived with " + copied + " bytes; it had " + bytes
                    + ": copy the whole model directory again");
        }
    }

    private void requireHash(String names, MessageDigest digest, String sha256) {
        String found = Sha256.hex(digest);
        if (!found.equals(sha256)) {
            throw new ModelFormatException(directory + ": " + names + " arrived with SHA-256 " + found
                    + "; the manifest says " + sha256 + ": copy the whole model directory again");
        }
    }
}
