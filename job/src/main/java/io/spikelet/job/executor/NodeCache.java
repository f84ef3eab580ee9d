package io.spikelet.job.executor;

import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.ManifestReader;
import io.spikelet.engine.model.ModelFormatException;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.TokenizerFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.commons.io.function.Uncheck;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node's copies of remote models, shared by all JVMs of a user. Thread-safe, also between processes.
 *
 * <pre>
 * root/HASH            a complete model directory; HASH is the SHA-256 of its manifest
 * root/HASH.lock       locked shared by users, exclusively while it is created or evicted; its time is the last use, and
 *                      it holds the identity of the weights that were hashed
 * root/HASH.partial    what is being downloaded, weights at full length, so that its size is what it will take
 * root/HASH.evicted    what is being deleted
 * root/lock            locked exclusively while space is freed
 * </pre>
 *
 * <ol>
 *   <li>A directory HASH is complete: all its files matched the hashes of its manifest and were on disk before it got its name.
 *   <li>It stays while any process holds a lease of it; when a process ends, its leases end.
 *   <li>Partial and evicted directories whose lock is free have no owner and are deleted by the next process that frees space.
 *   <li>Weights are hashed when they are staged, and again if their {@link FileIdentity} has changed.
 *   <li>The root is a {@link PrivateFolder}, and no link in it is followed.
 *   <li>The total of all directories stays within the limit; a model that does not fit is refused.
 * </ol>
 */
final class NodeCache {
    private static final Logger LOG = LoggerFactory.getLogger(NodeCache.class);

    /** The locks that this JVM holds. A JVM must never open such a file twice: closing either channel ends both locks. */
    private static final Map<Path, Held> HELD = new HashMap<>();

    private final CacheEviction eviction;
    private final Path root;
    private final Configuration configuration;

    /** @param configuration how to reach the file systems of models */
    NodeCache(NodeCacheSettings settings, Configuration configuration) {
        this.root = settings.root().toAbsolutePath().normalize();
        this.eviction = new CacheEviction(root, settings.limitBytes());
        this.configuration = configuration;
    }

    /**
     * Finds the model here or stages it.
     *
     * @throws ModelFormatException if what is found at the handle's URI is no valid model
     * @throws IllegalStateException if it is another model than the handle says, or there is not enough space for it
     * @throws UncheckedIOException if it cannot be read or written
     */
    StagedModel lease(ModelHandle handle) {
        synchronized (HELD) {
            Path lockFile = root.resolve(handle.manifestSha256() + CacheEviction.LOCK);
            Path directory = root.resolve(handle.manifestSha256());
            try {
                Held held = HELD.get(lockFile);
                boolean downloads = held == null && hold(handle, directory, lockFile);
                HELD.get(lockFile).leases++;
                return new StagedModel(directory, downloads, () -> release(lockFile));
            } catch (IOException e) {
                throw new UncheckedIOException(
                        "cannot stage " + handle.uri() + " in " + root + ": "
                                + e.getClass().getSimpleName() + ": " + e.getMessage(),
                        e);
            }
        }
    }

    /** Takes the shared lock of a complete directory; whether it had to be staged. */
    private boolean hold(ModelHandle handle, Path directory, Path lockFile) throws IOException {
        PrivateFolder.require(root);
        boolean downloaded = false;
        FileChannel channel = PrivateFolder.open(lockFile);
        try {
            while (true) {
                FileLock shared = channel.lock(0, Long.MAX_VALUE, true);
                if (isComplete(directory, handle) && isVerified(directory, channel)) {
                    // Setting the file's time would open and close it, and so end the lock; a write sets it too.
                    verified(directory).write(channel);
                    HELD.put(lockFile, new Held(channel));
                    return downloaded;
                }
                // A shared lock cannot become an exclusive one; between the two another process may be faster.
                shared.release();
                try (FileLock exclusive = channel.lock()) {
                    boolean isSound = isComplete(directory, handle)
                            && (isVerified(directory, channel) || hasRightWeights(directory));
                    if (!isSound) {
                        stage(handle, directory);
                        downloaded = true;
                    }
                    verified(directory).write(channel);
                }
            }
        } finally {
            if (!HELD.containsKey(lockFile)) {
                channel.close();
            }
        }
    }

    private void stage(ModelHandle handle, Path directory) throws IOException {
        long start = System.nanoTime();
        RemoteModel source = RemoteModel.open(handle.uri(), configuration);
        if (!source.handle().manifestSha256().equals(handle.manifestSha256())) {
            throw new IllegalStateException("the manifest of " + handle.uri() + " has SHA-256 "
                    + source.handle().manifestSha256() + ", the driver read one with " + handle.manifestSha256()
                    + "; it was replaced since the job started: start it again");
        }
        Path partial = eviction.reserve(directory, source, HELD.keySet());
        try {
            source.copyTokenizer(partial);
            source.copyWeights(partial.resolve(ModelManifest.WEIGHTS_FILE));
            eviction.publish(partial, directory);
        } catch (IOException | RuntimeException e) {
            CacheEviction.delete(partial);
            throw e;
        }
        LOG.info(
                "staged {}: {} MB in {} ms to {}",
                handle.uri(),
                source.bytes() >> 20,
                (System.nanoTime() - start) / 1_000_000,
                directory);
    }

    private static boolean isVerified(Path directory, FileChannel lock) throws IOException {
        return verified(directory).isIn(lock);
    }

    private static FileIdentity verified(Path directory) throws IOException {
        return FileIdentity.of(directory.resolve(ModelManifest.WEIGHTS_FILE));
    }

    private static boolean hasRightWeights(Path directory) {
        return ModelHandle.sha256(directory.resolve(ModelManifest.WEIGHTS_FILE))
                .equals(ManifestReader.read(directory, Families.all()).weightsSha256());
    }

    /** Whether it is the model of the handle as it was staged, but for the weights, which are long. */
    private static boolean isComplete(Path directory, ModelHandle handle) throws IOException {
        Path manifestFile = directory.resolve(ModelManifest.FILE);
        Path weights = directory.resolve(ModelManifest.WEIGHTS_FILE);
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                || !Files.isRegularFile(manifestFile, LinkOption.NOFOLLOW_LINKS)
                || !Files.isRegularFile(weights, LinkOption.NOFOLLOW_LINKS)
                || !ModelHandle.sha256(manifestFile).equals(handle.manifestSha256())) {
            return false;
        }
        ModelManifest manifest = ManifestReader.read(directory, Families.all());
        return Files.size(weights) == manifest.weightsBytes() && hasRightTokenizer(directory, manifest);
    }

    private static boolean hasRightTokenizer(Path directory, ModelManifest manifest) {
        if (manifest.tokenizerSha256().isEmpty()) {
            return true;
        }
        return TokenizerFiles.in(directory)
                .filter(files -> files.names().stream()
                        .allMatch(name -> Files.isRegularFile(directory.resolve(name), LinkOption.NOFOLLOW_LINKS)))
                .map(TokenizerFiles::sha256)
                .equals(manifest.tokenizerSha256());
    }

    private static void release(Path lockFile) {
        synchronized (HELD) {
            Held held = HELD.get(lockFile);
            if (--held.leases > 0) {
                return;
            }
            HELD.remove(lockFile);
            Uncheck.run(held.channel::close, () -> "cannot unlock " + lockFile);
        }
    }

    private static final class Held {
        private final FileChannel channel;
        private int leases;

        private Held(FileChannel channel) {
            this.channel = channel;
        }
    }
}
