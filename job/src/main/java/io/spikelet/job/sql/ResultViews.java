package io.spikelet.job.sql;

import io.spikelet.job.LiteralPath;
import io.spikelet.job.UsageException;
import io.spikelet.job.schema.Columns;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The tables of result directories as temporary views. */
public final class ResultViews {
    private ResultViews() {}

    /**
     * Creates a view for each table; tables of the same name in several directories are one view, in which a column that
     * only some of them have is null elsewhere.
     *
     * @throws UsageException if a directory does not exist or holds no table
     */
    public static void create(SparkSession spark, List<String> directories) {
        Map<String, Dataset<Row>> views = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String directory : directories) {
            Map<String, String> tables = tables(directory, spark.sparkContext().hadoopConfiguration());
            requireDistinct(directory, tables.keySet());
            tables.forEach((name, path) ->
                    views.merge(name, LiteralPath.table(spark, path), (one, other) -> one.unionByName(other, true)));
        }
        views.forEach((name, table) -> table.createOrReplaceTempView(Columns.quoted(name)));
    }

    /** To SQL {@code RUNS} and {@code runs} are one. */
    private static void requireDistinct(String directory, Set<String> names) {
        Map<String, String> seen = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String name : names) {
            String other = seen.put(name, name);
            if (other != null) {
                throw new UsageException("--results " + directory + " holds " + other + " and " + name
                        + ", which SQL cannot tell apart; move one of them elsewhere");
            }
        }
    }

    /**
     * Paths of the tables of a directory, by name: the folders with Parquet files. Needs no Spark.
     *
     * @throws UsageException if the directory does not exist or holds no table
     */
    public static Map<String, String> tables(String directory, Configuration configuration) {
        Map<String, String> tables = new TreeMap<>();
        try {
            Path path = LiteralPath.of(directory);
            FileSystem files = path.getFileSystem(configuration);
            if (!files.exists(path)) {
                throw new UsageException(directory + " does not exist; give the --output of an earlier run");
            }
            if (!files.getFileStatus(path).isDirectory()) {
                throw new UsageException(directory + " is not a directory; give the --output of an earlier run");
            }
            for (FileStatus child : files.listStatus(path)) {
                String name = child.getPath().getName();
                if (child.isDirectory() && !isHidden(name) && holdsParquet(files, child.getPath())) {
                    tables.put(name, child.getPath().toString());
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            if (e instanceof UsageException usage) {
                throw usage;
            }
            throw new UsageException("cannot read the results in " + directory + ": " + e.getMessage(), e);
        }
        if (tables.isEmpty()) {
            throw new UsageException(directory + " holds no tables; give the --output of an earlier run");
        }
        return tables;
    }

    private static boolean isHidden(String name) {
        return name.startsWith(".") || name.startsWith("_");
    }

    private static boolean holdsParquet(FileSystem files, Path folder) throws IOException {
        for (FileStatus child : files.listStatus(folder)) {
            String name = child.getPath().getName();
            boolean isPartition = child.isDirectory() && name.contains("=");
            if (isPartition || (child.isFile() && name.endsWith(".parquet"))) {
                return true;
            }
        }
        return false;
    }
}
