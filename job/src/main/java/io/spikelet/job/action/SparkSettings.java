package io.spikelet.job.action;

import io.spikelet.job.UsageException;
import io.spikelet.job.executor.SpikeletPlugin;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.commons.io.function.Uncheck;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;

/**
 * How to connect to Spark. A setting comes from the first of these that defines it: {@code conf}, spark-submit, the
 * defaults here, Spark's own.
 *
 * @param master empty for what spark-submit says, else {@value #DEFAULT_MASTER}
 * @param conf Spark properties by name
 */
public record SparkSettings(Optional<String> master, Map<String, String> conf) {
    /** Where jobs run by default. */
    public static final String DEFAULT_MASTER = "local[*]";

    private static final String MASTER = "spark.master";
    private static final String PLUGINS = "spark.plugins";
    private static final Pattern MASTER_URL =
            Pattern.compile("local|local\\[.+]|local-cluster\\[.+]|spark://.+|yarn|k8s://.+");

    private static final Map<String, String> LOCAL = Map.of(
            "spark.ui.enabled", "false",
            "spark.driver.host", "127.0.0.1",
            "spark.driver.bindAddress", "127.0.0.1",
            "spark.sql.shuffle.partitions", "8",
            // Tasks run in the driver's JVM: one that runs out of memory fails the run, which says so, and ends
            // nothing.
            "spark.executor.killOnFatalError.depth", "0");

    public SparkSettings {
        conf = Map.copyOf(conf);
    }

    /**
     * Opens the session of this process, or joins the one that is open.
     *
     * @throws UsageException if Spark refuses the master or a setting
     */
    public OpenSession open(String application) {
        SparkConf spark = new SparkConf();
        master.ifPresent(url -> spark.set(MASTER, url));
        conf.forEach(spark::set);
        spark.setIfMissing(MASTER, DEFAULT_MASTER);
        spark.setIfMissing("spark.app.name", application);
        requireMaster(spark.get(MASTER));
        defaults(spark.get(MASTER)).forEach(spark::setIfMissing);
        addPlugin(spark);
        // Not the builder of the interface, which looks for its implementation with Scala's reflection: a quarter of a
        // second.
        boolean isOpen =
                org.apache.spark.sql.classic.SparkSession.getDefaultSession().isDefined();
        SparkSession session = SparkFailure.asUsage(
                "Spark does not start with --master " + spark.get(MASTER),
                () -> org.apache.spark.sql.classic.SparkSession.builder()
                        .config(spark)
                        .getOrCreate());
        session.sparkContext().setLogLevel(spark.get("spark.log.level", quietLevel(spark.get(MASTER))));
        return new OpenSession(session, !isOpen);
    }

    /** Hadoop's configuration as the session will have it. */
    Configuration hadoop() {
        SparkConf spark = new SparkConf();
        conf.forEach(spark::set);
        return SparkHadoopUtil.get().newConfiguration(spark);
    }

    /** What a property is in this JVM unless the user says otherwise. */
    static Optional<String> ofLocal(String name) {
        return Optional.ofNullable(LOCAL.get(name));
    }

    /** In addition to those of the user. */
    private static void addPlugin(SparkConf spark) {
        String others = spark.get(PLUGINS, "");
        String own = SpikeletPlugin.class.getName();
        if (!List.of(others.split(",", -1)).contains(own)) {
            spark.set(PLUGINS, others.isEmpty() ? own : others + "," + own);
        }
    }

    /** Spark itself would report it with a stack trace. */
    private static void requireMaster(String url) {
        if (!MASTER_URL.matcher(url).matches()) {
            throw new UsageException("--master is " + url
                    + "; it must be local, local[N], local[*], spark://HOST:PORT, yarn or k8s://URL");
        }
        MasterAddress.requireReachable(url);
    }

    /** In this JVM a failure reaches the command, which reports it; from elsewhere the log may be all there is. */
    private static String quietLevel(String master) {
        return master.startsWith("local") ? "FATAL" : "ERROR";
    }

    private static Map<String, String> defaults(String master) {
        Map<String, String> defaults = new LinkedHashMap<>();
        defaults.put("spark.task.cpus", "1");
        defaults.put("spark.ui.showConsoleProgress", "false");
        defaults.put("spark.sql.session.timeZone", "UTC");
        // Dates and timestamps that pass through keep their exact value.
        defaults.put("spark.sql.datetime.java8API.enabled", "true");
        // A row may have megabytes: Parquet must look at sizes before it holds a hundred of them.
        defaults.put("spark.hadoop.parquet.page.size.row.check.min", "1");
        defaults.put("spark.hadoop.parquet.block.size.row.check.min", "1");
        defaults.put("spark.sql.warehouse.dir", emptyDirectory());
        if (master.startsWith("local")) {
            defaults.putAll(LOCAL);
        }
        return defaults;
    }

    /** SQL that creates tables would else leave them in the working directory. */
    private static String emptyDirectory() {
        var directory = Uncheck.get(
                () -> Files.createTempDirectory("spikelet-warehouse"), () -> "cannot create a temporary directory");
        directory.toFile().deleteOnExit();
        return directory.toUri().toString();
    }
}
