package io.spikelet.job.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import io.spikelet.job.schema.Tables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A master, two workers and their executors as processes of their own, with the model on HDFS. */
@Tag("cluster")
@Timeout(value = 8, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class StandaloneClusterTest extends SparkTest {
    private static final List<String> NEVER_THE_SAME = List.of("run_id", "prefill_millis", "decode_millis");

    @TempDir
    private static Path shared;

    private static MiniDFSCluster hdfs;
    private static ClusterProcess cluster;
    private static Path cache;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Configuration configuration = new Configuration();
        configuration.set(
                MiniDFSCluster.HDFS_MINIDFS_BASEDIR, shared.resolve("hdfs").toString());
        hdfs = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
        hdfs.waitClusterUp();
        hdfs.getFileSystem()
                .copyFromLocalFile(
                        new org.apache.hadoop.fs.Path(model().toUri()), new org.apache.hadoop.fs.Path("/models/tiny"));
        cache = shared.resolve("cache");
        cluster = ClusterProcess.up(projectRoot(), shared);
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        if (cluster != null) {
            cluster.close();
        }
        if (hdfs != null) {
            hdfs.shutdown();
        }
    }

    @Test
    @Order(1)
    void upIsDoneWhenTheClusterIsUpAlready() throws Exception {
        List<Long> before = cluster.processes();

        ClusterProcess.Outcome again = cluster.script("cluster", "up");

        assertThat(again.status()).isZero();
        assertThat(cluster.processes()).hasSize(3).isEqualTo(before);
        assertThat(cluster.script("cluster", "status").out())
                .contains("master: up", "worker-1: up", "worker-2: up", "master URL: spark://127.0.0.1:");
    }

    @Test
    @Order(2)
    void completionsWithAModelOnHdfsEqualThoseOfOneLocalThread() throws Exception {
        List<String> arguments = List.of(
                "--input",
                projectRoot().resolve("datasets/prompts").toString(),
                "--max-new-tokens",
                "3",
                "--limit",
                "4",
                "--seed",
                "5");

        ClusterProcess.Outcome there = cluster.script("submit", generate(remoteModel(), "there", 4, arguments));
        assertThat(there.status()).as(there.err()).isZero();
        ClusterProcess.Outcome here =
                cluster.script("spikelet", generate(model().toString(), "here", 1, local(arguments)));
        assertThat(here.status()).as(here.err()).isZero();

        assertThat(stable("there", Tables.COMPLETIONS)).hasSize(4).isEqualTo(stable("here", Tables.COMPLETIONS));
        assertThat(stagedModels()).hasSize(1);
    }

    @Test
    @Order(3)
    void scoresWithAModelOnHdfsEqualThoseOfOneLocalThread() throws Exception {
        List<String> arguments = List.of(
                "--input", projectRoot().resolve("datasets/corpus").toString(), "--group-by", "group", "--limit", "3");

        ClusterProcess.Outcome there = cluster.script("submit", perplexity(remoteModel(), "scored-there", arguments));
        assertThat(there.status()).as(there.err()).isZero();
        ClusterProcess.Outcome here =
                cluster.script("spikelet", perplexity(model().toString(), "scored-here", local(arguments)));
        assertThat(here.status()).as(here.err()).isZero();

        for (String table : List.of(Tables.DOCUMENT_SCORES, Tables.SUMMARY)) {
            assertThat(stable("scored-there", table)).isNotEmpty().isEqualTo(stable("scored-here", table));
        }
    }

    @Test
    @Order(4)
    void aModelThatExecutorsCannotLoadIsOneLineAndStatusThree() throws Exception {
        Path file = Files.writeString(shared.resolve("no-directory"), "");

        ClusterProcess.Outcome refused = cluster.script(
                "submit",
                perplexity(
                        remoteModel(),
                        "refused",
                        List.of(
                                "--input",
                                projectRoot().resolve("datasets/corpus").toString(),
                                "--model-cache",
                                file.resolve("cache").toString())));

        assertThat(refused.status()).isEqualTo(3);
        assertThat(refused.err().lines().filter(line -> line.contains("cannot load the model")))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("spikelet: the run failed: executor ")
                .contains(remoteModel(), file.toString());
        assertThat(shared.resolve("refused")).doesNotExist();
    }

    @Test
    @Order(5)
    void aModelThatIsNotThereIsFoundBeforeWorkAndStatusTwo() throws Exception {
        String missing = hdfs.getURI() + "/models/none";

        ClusterProcess.Outcome refused = cluster.script(
                "submit",
                perplexity(
                        missing,
                        "missing",
                        List.of(
                                "--input",
                                projectRoot().resolve("datasets/corpus").toString())));

        assertThat(refused.status()).isEqualTo(2);
        assertThat(refused.err()).contains("spikelet: ", missing, "not a model directory");
        assertThat(shared.resolve("missing")).doesNotExist();
    }

    @Test
    @Order(6)
    void downEndsEveryProcessThatUpStarted() throws Exception {
        List<ProcessHandle> started = new ArrayList<>();
        for (long pid : cluster.processes()) {
            ProcessHandle.of(pid).ifPresent(started::add);
        }
        assertThat(started).hasSize(3);

        assertThat(cluster.script("cluster", "down").status()).isZero();

        assertThat(started).noneMatch(ProcessHandle::isAlive);
        assertThat(cluster.script("cluster", "status").status()).isEqualTo(1);
        assertThat(cluster.script("cluster", "down").status()).isZero();
    }

    private static String remoteModel() {
        return hdfs.getURI() + "/models/tiny";
    }

    private static String[] generate(String model, String output, int partitions, List<String> arguments) {
        return command("generate", model, output, partitions, arguments);
    }

    private static String[] perplexity(String model, String output, List<String> arguments) {
        return command("perplexity", model, output, 4, arguments);
    }

    private static String[] command(
            String command, String model, String output, int partitions, List<String> arguments) {
        List<String> words = new ArrayList<>(List.of(
                command,
                "--model",
                model,
                "--output",
                shared.resolve(output).toString(),
                "--partitions",
                Integer.toString(partitions),
                "--conf",
                "spark.executor.memory=512m",
                "--conf",
                "spark.sql.shuffle.partitions=2"));
        if (!arguments.contains("--model-cache")) {
            words.addAll(List.of("--model-cache", cache.toString()));
        }
        words.addAll(arguments);
        return words.toArray(String[]::new);
    }

    private static List<String> local(List<String> arguments) {
        return Stream.concat(arguments.stream(), Stream.of("--master", "local[1]"))
                .toList();
    }

    /** All rows of a table in order, without what a run measures or names. */
    private static List<Row> stable(String output, String table) {
        StructType schema = table(shared.resolve(output), table).schema();
        String[] columns = Arrays.stream(schema.fieldNames())
                .filter(name -> !NEVER_THE_SAME.contains(name))
                .toArray(String[]::new);
        return rows(table(shared.resolve(output), table), columns);
    }

    private static List<Path> stagedModels() {
        try (Stream<Path> files = Files.list(cache)) {
            return files.filter(Files::isDirectory).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
