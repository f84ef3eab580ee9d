package io.spikelet.job.action;

import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.model.ManifestReader;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.job.UsageException;
import io.spikelet.job.executor.ModelCache;
import io.spikelet.job.executor.ModelHandle;
import io.spikelet.job.executor.ModelLease;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.executor.RemoteModel;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;

/**
 * The model of a run as the driver sees it. A local one is opened and stays open; of a remote one the driver reads the
 * manifest alone, since it may run where no executor does.
 */
public record RunModel(ModelHandle handle, ModelManifest manifest, Optional<ModelLease> lease)
        implements AutoCloseable {
    /**
     * Opens what is there.
     *
     * @throws IllegalArgumentException if it is not a complete model with a tokenizer
     */
    public static RunModel open(ModelLocation location, Configuration configuration) {
        if (location.isLocal()) {
            ModelManifest manifest =
                    requireTokenizer(location, ManifestReader.read(location.directory(), Families.all()));
            location.settings().apply(manifest.config());
            ModelHandle handle = ModelHandle.of(location.directory()).with(location.settings());
            return new RunModel(
                    handle, manifest, Optional.of(ModelCache.ofThisJvm().lease(handle)));
        }
        return SparkFailure.asUsage("cannot read --model " + location, () -> {
            RemoteModel remote = RemoteModel.open(location.uri(), configuration);
            location.settings().apply(remote.manifest().config());
            return new RunModel(
                    remote.handle().with(location.settings()),
                    requireTokenizer(location, remote.manifest()),
                    Optional.empty());
        });
    }

    /** Passes the configuration of a local model to a check before Spark starts; a remote model is checked later. */
    static void precheck(ModelLocation location, Consumer<FamilyConfig> check) {
        if (location.isLocal()) {
            check.accept(location.settings()
                    .apply(requireTokenizer(location, ManifestReader.read(location.directory(), Families.all()))
                            .config()));
        }
    }

    /** The manifest's configuration, under the settings of the run. */
    public FamilyConfig config() {
        return handle.settings().apply(manifest.config());
    }

    @Override
    public void close() {
        lease.ifPresent(ModelLease::close);
    }

    private static ModelManifest requireTokenizer(ModelLocation location, ModelManifest manifest) {
        if (manifest.tokenizerSha256().isEmpty()) {
            throw new UsageException("the model " + location
                    + " has no tokenizer, which text needs; convert the checkpoint again with --tokenizer");
        }
        return manifest;
    }
}
