package io.spikelet.job.cluster;

import io.spikelet.job.SparkTest;
import io.spikelet.job.plan.ShardCommit;
import io.spikelet.job.plan.UnlockedLedger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Tests on a master, two workers and their executors as processes of their own; all such tests share them. */
@Tag("cluster")
@Timeout(value = 15, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@ExtendWith(ClusterTest.Shared.class)
abstract class ClusterTest extends SparkTest {
    private static final List<String> NEVER_THE_SAME = List.of("run_id", "prefill_millis", "decode_millis");
    private static final Pattern DIGEST = Pattern.compile("digest of the results ([0-9a-f]{32})");

    /** The cluster. */
    static ClusterProcess cluster;

    /** The folder that the cluster's processes share with the tests. */
    static Path shared;

    /** Starts the cluster before the first test that needs it, and ends it after the last test of all. */
    static final class Shared implements BeforeAllCallback {
        @Override
        public void beforeAll(ExtensionContext context) {
            context.getRoot()
                    .getStore(ExtensionContext.Namespace.create(ClusterTest.class))
                    .computeIfAbsent("cluster", ignored -> start());
        }

        private static AutoCloseable start() {
            try {
                shared = Files.createTempDirectory("spikelet-cluster");
                cluster = ClusterProcess.up(projectRoot(), shared, 2);
                return () -> {
                    cluster.close();
                    delete(shared);
                };
            } catch (IOException e) {
                throw new IllegalStateException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        private static void delete(Path folder) throws IOException {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    @AfterEach
    void endDrivers() {
        cluster.endScripts();
    }

    /** A command line with everything that tests on a cluster have in common. */
    static String[] command(String command, String model, Path output, String... more) {
        List<String> words = new ArrayList<>(List.of(command, "--model", model, "--output", output.toString()));
        words.addAll(List.of("--conf", "spark.executor.memory=512m", "--conf", "spark.sql.shuffle.partitions=2"));
        words.addAll(List.of(more));
        return words.toArray(String[]::new);
    }

    /** The digest of the results that a run printed. */
    static String digest(ClusterProcess.Outcome outcome) {
        Matcher matcher = DIGEST.matcher(outcome.err());
        if (!matcher.find()) {
            throw new AssertionError("no digest in: " + outcome.err());
        }
        return matcher.group(1);
    }

    /** All rows of a table in order, without what a run measures or names. */
    static List<Row> stable(Path output, String table) {
        String[] columns = Arrays.stream(table(output, table).schema().fieldNames())
                .filter(name -> !NEVER_THE_SAME.contains(name))
                .toArray(String[]::new);
        return rows(table(output, table), columns);
    }

    /** Commits of the unfinished work beside an output. */
    static List<ShardCommit> committed(Path output) {
        return UnlockedLedger.in(output.resolveSibling("." + output.getFileName() + ".unfinished/ledger")
                        .toUri()
                        .toString())
                .committed();
    }

    @BeforeAll
    static void requireTheJobJar() {
        if (!Files.exists(projectRoot().resolve("job/target/spikelet-job.jar"))) {
            throw new IllegalStateException("these tests need the job jar: run them with scripts/test -Pcluster");
        }
    }
}
