package io.spikelet.job.action;

import io.spikelet.job.LiteralPath;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A session's settings while it works on few rows: compiling code for a query, planning it again between its stages and
 * cutting its shuffles take longer there than the rows. Results are the same. Settings that the user has made stay; closing
 * restores the session. Not thread-safe.
 */
final class SmallWork implements AutoCloseable {
    /** Files of more bytes than this are worth compiled code. */
    private static final long MOST_BYTES = 1L << 20;

    /** Listing more files than this is work of its own. */
    private static final int MOST_FILES = 100;

    private static final Map<String, String> SETTINGS = Map.of(
            "spark.sql.codegen.wholeStage", "false",
            "spark.sql.codegen.factoryMode", "NO_CODEGEN",
            "spark.sql.adaptive.enabled", "false",
            "spark.sql.autoBroadcastJoinThreshold", "-1", // a broadcast is a job of its own
            "spark.sql.leafNodeDefaultParallelism", "1",
            "spark.sql.shuffle.partitions", "1");

    private final SparkSession spark;
    private final Map<String, Optional<String>> before = new HashMap<>();
    private boolean isSmall;

    private SmallWork(SparkSession spark) {
        this.spark = spark;
    }

    /** @param paths what is read, files or folders; one that does not exist holds nothing */
    static SmallWork on(SparkSession spark, List<String> paths) {
        SmallWork settings = new SmallWork(spark);
        if (!paths.isEmpty() && isSmall(paths, spark.sparkContext().hadoopConfiguration())) {
            settings.make();
        }
        return settings;
    }

    /**
     * The same rows, byte by byte, in a place where they stay: in the memory of this JVM if they are few and it does the
     * work, else at a path.
     *
     * @param path of Parquet that does not exist yet
     */
    Dataset<Row> stored(Dataset<Row> rows, String path) {
        if (storesInMemory()) {
            return rows.localCheckpoint();
        }
        rows.write().parquet(path);
        return LiteralPath.read(spark).schema(rows.schema()).parquet(path);
    }

    /** Whether all files together are small. In one partition they are grouped, sorted and joined without a shuffle. */
    boolean isSmall() {
        return isSmall;
    }

    /** Whether what is stored stays in the memory of this JVM. */
    boolean storesInMemory() {
        return isSmall && spark.sparkContext().isLocal();
    }

    /** The same rows for reading, which the driver holds if they are few; bytes that are not UTF-8 are replaced. */
    Dataset<Row> held(Dataset<Row> rows) {
        return isSmall ? spark.createDataFrame(rows.collectAsList(), rows.schema()) : rows;
    }

    private void make() {
        isSmall = true;
        Map<String, String> current = CollectionConverters.asJava(spark.conf().getAll());
        SETTINGS.forEach((name, value) -> {
            Optional<String> given = Optional.ofNullable(current.get(name));
            if (given.isEmpty() || given.equals(SparkSettings.ofLocal(name))) {
                before.put(name, given);
                spark.conf().set(name, value);
            }
        });
    }

    @Override
    public void close() {
        if (!spark.sparkContext().isStopped()) {
            before.forEach(this::restore);
        }
    }

    private void restore(String name, Optional<String> given) {
        if (!spark.conf().get(name).equals(SETTINGS.get(name))) {
            return; // a statement has set it
        }
        given.ifPresentOrElse(
                value -> spark.conf().set(name, value), () -> spark.conf().unset(name));
    }

    private static boolean isSmall(List<String> paths, Configuration configuration) {
        try {
            long bytes = 0;
            int files = 0;
            for (String name : paths) {
                Path path = LiteralPath.of(name);
                FileSystem system = path.getFileSystem(configuration);
                for (Path top : system.exists(path) ? List.of(path) : matches(system, new Path(name))) {
                    RemoteIterator<LocatedFileStatus> all = system.listFiles(top, true);
                    while (all.hasNext()) {
                        bytes += all.next().getLen();
                        files++;
                        if (bytes > MOST_BYTES || files > MOST_FILES) {
                            return false;
                        }
                    }
                }
            }
            return true;
        } catch (IOException | RuntimeException e) {
            return false; // what reads the files says what is wrong with them
        }
    }

    private static List<Path> matches(FileSystem system, Path pattern) throws IOException {
        FileStatus[] found = system.globStatus(pattern);
        return found == null
                ? List.of()
                : Arrays.stream(found).map(FileStatus::getPath).toList();
    }
}
