package io.spikelet.job.executor;

import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.ModelFormatException;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.telemetry.KernelChoice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of one JVM: each is opened once and shared by all tasks. Thread-safe.
 *
 * <ol>
 *   <li>A model stays open while there is a lease of it.
 *   <li>A model without leases stays open for the next task, until another model is needed or the JVM ends.
 *   <li>What is open under a handle has the manifest that the handle names.
 *   <li>A failure to open is not remembered: the next lease tries again.
 * </ol>
 */
public final class ModelCache implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelCache.class);
    private static final double NANOS_PER_MILLI = 1e6;
    private static final ModelCache OF_THIS_JVM = ofThisJvmAtStart();

    private final Function<ModelHandle, StagedModel> stager;
    private final Function<Path, SpikingModel> opener;
    private final Map<ModelHandle, Entry> entries = new HashMap<>();

    /**
     * @param stager brings a remote model to this machine
     * @param opener maps a directory
     */
    ModelCache(Function<ModelHandle, StagedModel> stager, Function<Path, SpikingModel> opener) {
        this.stager = stager;
        this.opener = opener;
    }

    /** The cache that all tasks of this JVM share; what is idle in it is closed when the JVM ends. */
    public static ModelCache ofThisJvm() {
        return OF_THIS_JVM;
    }

    /**
     * Opens the model or shares the open one.
     *
     * @throws IllegalStateException if a local directory is missing here or holds another model than the handle says, or
     *     a remote one cannot be staged
     * @throws ModelFormatException if what it holds is no valid model
     */
    public synchronized ModelLease lease(ModelHandle handle) {
        Entry entry = entries.get(handle);
        if (entry == null) {
            closeIdle();
            long start = System.nanoTime();
            entry = open(handle);
            entries.put(handle, entry);
            ExecutorMetrics.ofThisJvm()
                    .addLoad(entry.staged.downloaded(), (System.nanoTime() - start) / NANOS_PER_MILLI);
        } else {
            ExecutorMetrics.ofThisJvm().addHit();
        }
        entry.leases++;
        return new ModelLease(this, handle, entry.model);
    }

    /** Closes unused models. */
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
                entry.close();
            }
        }
    }

    private Entry open(ModelHandle handle) {
        if (handle.isLocal()) {
            requireSame(handle);
        }
        StagedModel staged = handle.isLocal() ? StagedModel.local(handle.directory()) : stager.apply(handle);
        try {
            return new Entry(staged, opener.apply(staged.directory()));
        } catch (RuntimeException e) {
            staged.close();
            throw e;
        }
    }

    private static void requireSame(ModelHandle handle) {
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
    }

    private static ModelCache ofThisJvmAtStart() {
        KernelChoice.reason()
                .ifPresentOrElse(
                        reason -> LOG.warn("the kernels of this JVM are {}: {}", KernelChoice.description(), reason),
                        () -> LOG.info("the kernels of this JVM are {}", KernelChoice.description()));
        ModelCache cache = new ModelCache(ModelCache::stage, directory -> SpikingModel.open(directory, Families.all()));
        Runtime.getRuntime().addShutdownHook(new Thread(cache::close, "close-models"));
        return cache;
    }

    /** Stages by the settings of the Spark application that this JVM belongs to. */
    private static StagedModel stage(ModelHandle handle) {
        SparkConf spark = SparkEnv.get().conf();
        return new NodeCache(NodeCacheSettings.of(spark), SparkHadoopUtil.get().newConfiguration(spark)).lease(handle);
    }

    private static final class Entry {
        private final StagedModel staged;
        private final SpikingModel model;
        private int leases;

        private Entry(StagedModel staged, SpikingModel model) {
            this.staged = staged;
            this.model = model;
        }

        /** The mapping first: a directory is in use until it is unmapped. */
        private void close() {
            model.close();
            staged.close();
        }
    }
}
