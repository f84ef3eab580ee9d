package io.spikelet.job.executor;

import io.spikelet.job.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.io.function.Uncheck;
import org.apache.spark.SparkConf;

/**
 * Where a node keeps its copies of remote models, and their maximum size.
 *
 * @param root the directory; made when first needed
 * @param limitBytes maximum total size of the copies
 */
public record NodeCacheSettings(Path root, long limitBytes) {
    /** Spark property with the directory. */
    public static final String DIRECTORY = "spark.spikelet.cacheDir";

    /** Spark property with the limit, such as {@code 20g}. */
    public static final String LIMIT = "spark.spikelet.cacheSize";

    /** The limit unless set. */
    public static final String DEFAULT_LIMIT = "20g";

    /**
     * What the properties say.
     *
     * @throws UsageException if they say nonsense
     */
    public static NodeCacheSettings of(SparkConf conf) {
        String directory = conf.get(DIRECTORY, "");
        if (!directory.isEmpty() && !Path.of(directory).isAbsolute()) {
            throw new UsageException("the model cache " + directory
                    + " is a relative path, which every executor would take for another; write an absolute one");
        }
        return new NodeCacheSettings(directory.isEmpty() ? defaultRoot() : Path.of(directory), limit(conf));
    }

    private static long limit(SparkConf conf) {
        String text = conf.get(LIMIT, DEFAULT_LIMIT);
        try {
            long bytes = conf.getSizeAsBytes(LIMIT, DEFAULT_LIMIT);
            if (bytes > 0) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            throw new UsageException("the model cache's size is " + text + "; write it like 500m or 20g", e);
        }
        throw new UsageException("the model cache's size is " + text + "; it must be above 0");
    }

    /** The user's cache folder; where there is no home, as in many containers, a folder of temporary files. */
    private static Path defaultRoot() {
        String cache = System.getenv("XDG_CACHE_HOME");
        if (cache != null && Path.of(cache).isAbsolute()) {
            return Path.of(cache, "spikelet", "models");
        }
        Path home = Path.of(System.getProperty("user.home", ""));
        if (home.isAbsolute() && Files.isWritable(home)) {
            return home.resolve(".cache").resolve("spikelet").resolve("models");
        }
        return Path.of(System.getProperty("java.io.tmpdir"), "spikelet-models-" + userName())
                .toAbsolutePath();
    }

    /** Its number where it has no name; a folder that another user has made under this name is refused later. */
    private static String userName() {
        return Uncheck.get(
                        PrivateFolder::user,
                        () -> "cannot write temporary files; name a model cache with --model-cache")
                .getName();
    }
}
