package io.spikelet.job.cli;

import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.KeyValueType;
import io.spikelet.engine.model.ModelSettings;
import io.spikelet.job.action.SparkSettings;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.executor.NodeCacheSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import picocli.CommandLine.Option;

/** The model of a run, and where nodes keep their copies of it if it is remote. */
final class ModelOptions {
    @Option(
            names = "--model",
            required = true,
            paramLabel = "DIR",
            description = "Model directory: a path that exists on every node, or a URI, such as hdfs:///models/a or "
                    + "s3a://bucket/models/a, which is copied to each node.")
    private String model;

    @Option(
            names = "--ablate",
            split = ",",
            paramLabel = "PART",
            description = "Disable parts of the model to measure their contribution: attention, decay, prior; lif-topk "
                    + "fires as many encoder units, but those with the largest inputs. Recorded in the run.")
    private List<String> ablated = new ArrayList<>();

    @Option(
            names = "--kv-cache",
            paramLabel = "TYPE",
            description =
                    "What attention stores of keys and values: float32 (default), float16, or int8 with one factor for"
                            + " each head and position. Less memory and faster at long contexts; the numbers change a"
                            + " little, so it is recorded in the run.")
    private String keyValueCache;

    @Option(
            names = "--model-cache",
            paramLabel = "DIR",
            description = "Where a node keeps its copies of remote models; default spikelet/models in $XDG_CACHE_HOME, "
                    + "else in ~/.cache, else in the folder for temporary files.")
    private Path cache;

    @Option(
            names = "--model-cache-size",
            paramLabel = "SIZE",
            description =
                    "Maximum size of these copies, such as 20g; unused copies are deleted to free space, the least"
                            + " recently used first. Default " + NodeCacheSettings.DEFAULT_LIMIT + ".")
    private String cacheSize;

    ModelLocation location() {
        return ModelLocation.parse(model).with(settings(ablated, keyValueCache));
    }

    /** @param keyValueCache null if it was not given */
    static ModelSettings settings(List<String> ablated, String keyValueCache) {
        return new ModelSettings(
                Families.all().ablations(ablated), keyValueCache == null ? null : KeyValueType.ofLabel(keyValueCache));
    }

    /** The settings with those of the cache, which are Spark properties so that executors see them. */
    SparkSettings apply(SparkSettings settings) {
        Map<String, String> conf = new LinkedHashMap<>(settings.conf());
        if (cache != null) {
            conf.put(NodeCacheSettings.DIRECTORY, cache.toAbsolutePath().toString());
        }
        if (cacheSize != null) {
            conf.put(NodeCacheSettings.LIMIT, cacheSize);
        }
        SparkConf checked = new SparkConf();
        conf.forEach(checked::set);
        NodeCacheSettings.of(checked);
        return new SparkSettings(settings.master(), conf);
    }
}
