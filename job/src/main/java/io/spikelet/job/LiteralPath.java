package io.spikelet.job;

import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.datasources.parquet.ParquetReadSupport;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * Paths of what a run itself writes and reads again. Special characters have no
 * meaning in them: {@code res[1]} does not match {@code res1}, and {@code 10:30} has no scheme.
 */
public final class LiteralPath {
    /** A scheme of at least two letters, since one is a drive, and a path that begins at the root. */
    private static final Pattern URI = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:/.*", Pattern.DOTALL);

    /** Spark's option of its file sources that turns patterns off. */
    private static final String PATTERNS = "__globPaths__";

    /** Spark's option to read the columns of all files. */
    private static final String MERGES = "spark.sql.parquet.mergeSchema";

    private LiteralPath() {}

    /** Whether a text is a URI and no path of the default file system. */
    public static boolean isUri(String text) {
        return URI.matcher(text).matches();
    }

    /** The path that a user names. */
    public static Path of(String text) {
        return isUri(text) || text.isEmpty() ? new Path(text) : new Path(null, null, text);
    }

    /** Reads paths as they are. */
    public static DataFrameReader read(SparkSession spark) {
        return spark.read().option(PATTERNS, false);
    }

    /**
     * A table that Spark has written. Its first file tells the columns, as it does to Spark, which would start a job to
     * read them.
     *
     * @param folder of Parquet files
     */
    public static Dataset<Row> table(SparkSession spark, String folder) {
        DataFrameReader reader = read(spark);
        if (!Boolean.parseBoolean(spark.conf().get(MERGES, "false"))) {
            schema(new Path(folder), spark.sparkContext().hadoopConfiguration()).ifPresent(reader::schema);
        }
        return reader.parquet(folder);
    }

    /** What the first file says of its columns; empty where Spark must look for itself, or tell what is wrong. */
    private static Optional<StructType> schema(Path folder, Configuration configuration) {
        try {
            FileStatus[] files = folder.getFileSystem(configuration).listStatus(folder);
            Optional<FileStatus> first = Arrays.stream(files)
                    .filter(file -> file.getPath().getName().matches("[^._].*[.]parquet"))
                    .min(Comparator.comparing(file -> file.getPath().getName()));
            if (first.isEmpty() || Arrays.stream(files).anyMatch(FileStatus::isDirectory)) {
                return Optional.empty();
            }
            String json = footer(HadoopInputFile.fromStatus(first.get(), configuration))
                    .getFileMetaData()
                    .getKeyValueMetaData()
                    .get(ParquetReadSupport.SPARK_METADATA_KEY());
            return Optional.ofNullable(json).map(said -> (StructType) DataType.fromJson(said));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** The footer of a Parquet file. Without options Parquet would parse the default configuration again for each file. */
    public static ParquetMetadata footer(HadoopInputFile file) throws IOException {
        ParquetReadOptions options = HadoopReadOptions.builder(file.getConfiguration(), file.getPath())
                .build();
        try (ParquetFileReader reader = ParquetFileReader.open(file, options)) {
            return reader.getFooter();
        }
    }
}
