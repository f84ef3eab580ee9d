package io.spikelet.job.plan;

import io.spikelet.job.UsageException;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/** What each file of an input says of itself as a whole, such as its schema. Executors read where there are many files. */
final class FileHeadings {
    private static final int FILES_A_TASK = 64;
    private static final String READ = "+";
    private static final String REFUSED = "-";

    /** Reads the heading of a file. */
    interface Heading extends Serializable {
        /** @throws UsageException if the file cannot be used */
        String read(String file, Configuration configuration);
    }

    private final SparkSession spark;
    private final List<String> files;
    private final Heading heading;
    private final SerializableConfiguration configuration;

    /** Of those files that have something in them. */
    FileHeadings(SparkSession spark, InputFiles input, Heading heading) {
        this.spark = spark;
        this.files = input.files().stream()
                .filter(file -> file.length() > 0)
                .map(InputFiles.InputFile::uri)
                .toList();
        this.heading = heading;
        this.configuration = new SerializableConfiguration(spark.sparkContext().hadoopConfiguration());
    }

    /**
     * The different headings, each with the first file that has it, by that file.
     *
     * @throws UsageException if a file cannot be used, about the first such file
     */
    Map<String, String> different() {
        Heading read = heading;
        SerializableConfiguration settings = configuration;
        Map<String, String> firstFiles;
        if (files.size() <= FILES_A_TASK) {
            firstFiles = new HashMap<>();
            files.forEach(file -> firstFiles.merge(tagged(read, file, settings), file, FileHeadings::first));
        } else {
            firstFiles = distributed()
                    .mapToPair(file -> new Tuple2<>(tagged(read, file, settings), file))
                    .reduceByKey(FileHeadings::first)
                    .collectAsMap();
        }
        Map<String, String> byFile = new TreeMap<>();
        firstFiles.forEach((tagged, file) -> byFile.put(file, tagged));
        byFile.replaceAll((file, tagged) -> untagged(tagged));
        return byFile;
    }

    /** The heading of every file by file: as large as the input has files. */
    Map<String, String> ofEach() {
        Heading read = heading;
        SerializableConfiguration settings = configuration;
        return distributed()
                .mapToPair(file -> new Tuple2<>(file, read.read(file, settings.value())))
                .collectAsMap();
    }

    private JavaRDD<String> distributed() {
        return JavaSparkContext.fromSparkContext(spark.sparkContext())
                .parallelize(files, Math.max(1, Math.ceilDiv(files.size(), FILES_A_TASK)));
    }

    /** An executor's exception would reach the driver as one of Spark's. */
    private static String tagged(Heading heading, String file, SerializableConfiguration configuration) {
        try {
            return READ + heading.read(file, configuration.value());
        } catch (UsageException e) {
            return REFUSED + e.getMessage();
        }
    }

    private static String untagged(String tagged) {
        if (tagged.startsWith(REFUSED)) {
            throw new UsageException(tagged.substring(REFUSED.length()));
        }
        return tagged.substring(READ.length());
    }

    private static String first(String one, String other) {
        return one.compareTo(other) <= 0 ? one : other;
    }
}
