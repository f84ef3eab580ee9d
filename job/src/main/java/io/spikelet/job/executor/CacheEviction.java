package io.spikelet.job.executor;

import io.spikelet.engine.model.ModelManifest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.io.file.PathUtils;
import org.apache.hadoop.fs.FileUtil;

/** The space in a {@link NodeCache}: reserved before a download, made by evicting unused models. */
record CacheEviction(Path root, long limitBytes) {
    /** Ends the names of lock files. */
    static final String LOCK = ".lock";

    private static final String PARTIAL = ".partial";
    private static final String EVICTED = ".evicted";
    private static final Pattern LOCK_FILE = Pattern.compile("[0-9a-f]{64}\\.lock");

    /**
     * A directory for a download with the manifest, and weights and tokenizer to be filled. The caller holds the exclusive
     * lock of the model, so that the remains of an earlier attempt have no owner.
     *
     * @param held lock files that this JVM must not touch
     */
    Path reserve(Path directory, RemoteModel model, Set<Path> held) throws IOException {
        try (FileChannel channel = PrivateFolder.open(root.resolve("lock"));
                FileLock alone = channel.lock()) {
            for (String ending : List.of("", PARTIAL, EVICTED)) {
                delete(sibling(directory, ending));
            }
            makeRoom(directory, model, held);
            Path partial = Files.createDirectory(sibling(directory, PARTIAL));
            Files.write(partial.resolve(ModelManifest.FILE), model.manifestBytes());
            try (RandomAccessFile weights = new RandomAccessFile(
                    partial.resolve(ModelManifest.WEIGHTS_FILE).toFile(), "rw")) {
                weights.setLength(model.manifest().weightsBytes());
            }
            for (String name : model.tokenizerFiles()) {
                Files.createFile(partial.resolve(name));
            }
            return partial;
        }
    }

    /** Gives a verified download its final name, once it is completely on disk. */
    void publish(Path partial, Path directory) throws IOException {
        force(partial.resolve(ModelManifest.FILE));
        force(partial);
        try {
            Files.move(partial, directory, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException("the file system of " + root + " has no atomic rename; name another cache", e);
        }
        force(root);
    }

    private void makeRoom(Path directory, RemoteModel model, Set<Path> held) throws IOException {
        long needed = model.bytes();
        if (needed > limitBytes) {
            throw new IllegalStateException("the model needs " + needed + " bytes and the cache " + root + " may take "
                    + limitBytes + "; raise --model-cache-size");
        }
        for (Path lockFile : locks(directory, held)) {
            boolean evicts = size() + needed > limitBytes;
            try (FileChannel channel = PrivateFolder.open(lockFile);
                    FileLock free = channel.tryLock()) {
                if (free != null) {
                    clear(model(lockFile), evicts);
                }
            }
        }
        long taken = size();
        if (taken + needed > limitBytes) {
            throw new IllegalStateException("the model needs " + needed + " bytes; of the " + limitBytes
                    + " that the cache " + root + " may take, models in use hold " + taken
                    + ": raise --model-cache-size, or wait for the jobs that use them");
        }
        long free = Files.getFileStore(root).getUsableSpace();
        if (free < needed) {
            throw new IllegalStateException("the model needs " + needed + " bytes and the disk of " + root + " has "
                    + free + " left; free some, or name another disk with --model-cache");
        }
    }

    /** Locks of other models that this JVM does not hold, longest unused first. */
    private List<Path> locks(Path directory, Set<Path> held) throws IOException {
        Path own = sibling(directory, LOCK);
        record Use(Path lockFile, long lastMillis) {}
        try (Stream<Path> files = Files.list(root)) {
            return files.filter(file ->
                            LOCK_FILE.matcher(file.getFileName().toString()).matches())
                    .filter(file -> !file.equals(own) && !held.contains(file))
                    .map(file -> new Use(file, file.toFile().lastModified()))
                    .sorted(Comparator.comparing(Use::lastMillis).thenComparing(Use::lockFile))
                    .map(Use::lockFile)
                    .toList();
        }
    }

    /** Deletes the remains of failed attempts, and the model itself if its space is needed. */
    private static void clear(Path model, boolean evicts) throws IOException {
        Path evicted = sibling(model, EVICTED);
        delete(sibling(model, PARTIAL));
        delete(evicted);
        if (evicts && Files.isDirectory(model, LinkOption.NOFOLLOW_LINKS)) {
            // Renamed first, so that a crash cannot leave an incomplete model under its final name.
            Files.move(model, evicted, StandardCopyOption.ATOMIC_MOVE);
            delete(evicted);
        }
    }

    private static Path model(Path lockFile) {
        String name = lockFile.getFileName().toString();
        return lockFile.resolveSibling(name.substring(0, name.length() - LOCK.length()));
    }

    private static Path sibling(Path directory, String ending) {
        return directory.resolveSibling(directory.getFileName() + ending);
    }

    /** Bytes of all files; those that a failed download deletes meanwhile do not count. */
    private long size() {
        return FileUtil.getDU(root.toFile());
    }

    private static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Deletes a directory with all that is in it, if it is there; for a link only the link, not its target. */
    static void delete(Path directory) throws IOException {
        if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            PathUtils.delete(directory);
            if (Files.exists(
                    directory, LinkOption.NOFOLLOW_LINKS)) { // a network file system keeps files that are in use
                throw new DirectoryNotEmptyException(directory.toString());
            }
        }
    }
}
