package io.spikelet.job.executor;

import io.spikelet.engine.model.ManifestReader;
import io.spikelet.engine.model.ModelFormatException;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.SpikingModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Function;

/**
 * The models of one JVM: each is opened once and shared by all tasks. Thread-safe.
 *
 * <ol>
 *   <li>A model stays open while anybody holds a lease of it.
 *   <li>A model without leases stays open for the next task, until another model is wanted or the JVM ends.
 *   <li>What is open under a handle has the manifest that the handle names.
 *   <li>A failure to open is not remembered: the next lease tries again.
 * </ol>
 */
public final class ModelCache implements AutoCloseable {
    private static final ModelCache OF_THIS_JVM = ofThisJvmAtStart();

    private final Function<Path, SpikingModel> opener;
    private final Map<ModelHandle, Entry> entries = new HashMap<>();

    ModelCache(Function<Path, SpikingModel> opener) {
        this.opener = opener;
    }

    /** The cache that all tasks of this JVM share; what is idle in it is closed when the JVM ends. */
    public static ModelCache ofThisJvm() {
        return OF_THIS_JVM;
    }

    /**
     * Opens the model or shares the open one.
     *
     * @throws IllegalStateException if the directory is missing here or holds another model than the handle says
     * @throws ModelFormatException if what it holds is no valid model
     */
    public synchronized ModelLease lease(ModelHandle handle) {
        Entry entry = entries.get(handle);
        if (entry == null) {
            closeIdle();
            entry = new Entry(open(handle));
            entries.put(handle, entry);
        }
        entry.leases++;
        return new ModelLease(this, handle, entry.model);
    }

    /** Closes the models that nobody uses. */
    @Override
    public synchronized void close() {
        closeIdle();
    }

    /** Models that are open. */
    synchronized int open() {
        return entries.size();
    }

    synchronized void release(ModelHandle handle) {
        entries.get(handle).leases--;
    }

    private void closeIdle() {
        for (Iterator<Entry> each = entries.values().iterator(); each.hasNext(); ) {
            Entry entry = each.next();
            if (entry.leases == 0) {
                each.remove();
                entry.model.close();
            }
        }
    }

    private SpikingModel open(ModelHandle handle) {
        Path directory = handle.directory();
        if (!Files.isDirectory(directory)) {
            throw new IllegalStateException("this node has no model directory " + directory
                    + "; put the same directory at the same path on every node");
        }
        String found = ModelHandle.sha256(directory.resolve(ModelManifest.FILE));
        if (!found.equals(handle.manifestSha256())) {
            throw new IllegalStateException("the manifest of " + directory + " on this node has SHA-256 " + found
                    + ", the driver's has " + handle.manifestSha256()
                    + "; put the same directory at the same path on every node");
        }
        requireTokenizer(directory);
        return opener.apply(directory);
    }

    private static void requireTokenizer(Path directory) {
        Path tokenizer = directory.resolve(ModelManifest.TOKENIZER_FILE);
        ManifestReader.read(directory).tokenizerSha256().ifPresent(wanted -> {
            String found = ModelHandle.sha256(tokenizer);
            if (!found.equals(wanted)) {
                throw new ModelFormatException(tokenizer + " has SHA-256 " + found + "; the manifest says " + wanted
                        + ": copy the whole model directory again");
            }
        });
    }

    private static ModelCache ofThisJvmAtStart() {
        ModelCache cache = new ModelCache(SpikingModel::open);
        Runtime.getRuntime().addShutdownHook(new Thread(cache::close, "close-models"));
        return cache;
    }

    private static final class Entry {
        private final SpikingModel model;
        private int leases;

        private Entry(SpikingModel model) {
            this.model = model;
        }
    }
}
