package io.spikelet.job.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.schema.Tables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models on HDFS and on S3, with servers of both. */
final class StandaloneClusterTest extends ClusterTest {
    private static final String PROMPTS =
            projectRoot().resolve("datasets/prompts").toString();
    private static final String CORPUS =
            projectRoot().resolve("datasets/corpus").toString();
    private static final List<String> GENERATE =
            List.of("--input", PROMPTS, "--max-new-tokens", "3", "--limit", "4", "--seed", "5");
    private static final List<String> PERPLEXITY = List.of("--input", CORPUS, "--group-by", "group", "--limit", "3");

    @TempDir
    private static Path folder;

    private static MiniDFSCluster hdfs;
    private static S3Server s3;
    private static String onHdfs;
    private static String onS3;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Configuration configuration = new Configuration();
        configuration.set(
                MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("hdfs").toString());
        hdfs = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
        hdfs.waitClusterUp();
        hdfs.getFileSystem()
                .copyFromLocalFile(
                        new org.apache.hadoop.fs.Path(model().toUri()), new org.apache.hadoop.fs.Path("/models/tiny"));
        onHdfs = hdfs.getURI() + "/models/tiny";
        s3 = S3Server.start(projectRoot(), folder);
        onS3 = s3.store(model(), "tiny");
        assertRuns("spikelet", command("generate", model().toString(), folder.resolve("here"), local(GENERATE)));
        assertRuns(
                "spikelet",
                command("perplexity", model().toString(), folder.resolve("scored-here"), local(PERPLEXITY)));
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (s3 != null) {
            s3.close();
        }
        if (hdfs != null) {
            hdfs.shutdown();
        }
    }

    @Test
    void completionsWithAModelOnHdfsEqualThoseOfOneLocalThread() throws Exception {
        assertRuns("submit", command("generate", onHdfs, folder.resolve("hdfs-out"), cached(GENERATE, "hdfs-cache")));

        assertSame("hdfs-out", "here", Tables.COMPLETIONS);
        assertThat(stagedModels("hdfs-cache")).hasSize(1);
        assertThat(executorLogs())
                .as("executors say their kernels")
                .anyMatch(log -> log.contains("the kernels of this JVM are "));
    }

    private static List<String> executorLogs() throws IOException {
        List<String> logs = new ArrayList<>();
        try (Stream<Path> files = Files.walk(cluster.state())) {
            for (Path log : files.filter(file -> file.endsWith("stderr")).toList()) {
                logs.add(Files.readString(log));
            }
        }
        return logs;
    }

    @Test
    void scoresWithAModelOnHdfsEqualThoseOfOneLocalThread() throws Exception {
        assertRuns(
                "submit",
                command("perplexity", onHdfs, folder.resolve("hdfs-scored"), cached(PERPLEXITY, "hdfs-cache")));

        assertSame("hdfs-scored", "scored-here", Tables.DOCUMENT_SCORES);
        assertSame("hdfs-scored", "scored-here", Tables.SUMMARY);
    }

    @Test
    void completionsWithAModelOnS3EqualThoseOfOneLocalThread() throws Exception {
        assertRuns("submit", withS3(command("generate", onS3, folder.resolve("s3-out"), cached(GENERATE, "s3-cache"))));

        assertSame("s3-out", "here", Tables.COMPLETIONS);
        assertThat(stagedModels("s3-cache")).hasSize(1);
    }

    @Test
    void scoresWithAModelOnS3EqualThoseOfOneLocalThread() throws Exception {
        assertRuns(
                "submit",
                withS3(command("perplexity", onS3, folder.resolve("s3-scored"), cached(PERPLEXITY, "s3-cache"))));

        assertSame("s3-scored", "scored-here", Tables.DOCUMENT_SCORES);
        assertSame("s3-scored", "scored-here", Tables.SUMMARY);
    }

    @Test
    void aModelThatExecutorsCannotLoadIsOneLineAndStatusThree() throws Exception {
        Path file = Files.writeString(folder.resolve("no-directory"), "");

        ClusterProcess.Outcome refused = cluster.script(
                "submit",
                command(
                        "perplexity",
                        onHdfs,
                        folder.resolve("refused"),
                        "--input",
                        CORPUS,
                        "--model-cache",
                        file.resolve("cache").toString()));

        assertThat(refused.status()).isEqualTo(3);
        assertThat(refused.err().lines().filter(line -> line.contains("cannot load the model")))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("spikelet: the run failed: executor ")
                .contains(onHdfs, file.toString());
        assertThat(folder.resolve("refused")).doesNotExist();
    }

    @Test
    void aModelThatIsNotThereIsFoundBeforeWorkAndStatusTwo() throws Exception {
        String missing = hdfs.getURI() + "/models/none";

        ClusterProcess.Outcome refused =
                cluster.script("submit", command("perplexity", missing, folder.resolve("missing"), "--input", CORPUS));

        assertThat(refused.status()).isEqualTo(2);
        assertThat(refused.err()).contains("spikelet: ", missing, "not a model directory");
        assertThat(folder.resolve("missing")).doesNotExist();
    }

    private static void assertRuns(String script, String... arguments) throws IOException, InterruptedException {
        ClusterProcess.Outcome outcome = cluster.script(script, arguments);
        assertThat(outcome.status()).as(outcome.err()).isZero();
    }

    private static void assertSame(String there, String here, String table) {
        assertThat(stable(folder.resolve(there), table)).isNotEmpty().isEqualTo(stable(folder.resolve(here), table));
    }

    private static String[] local(List<String> arguments) {
        return Stream.concat(arguments.stream(), Stream.of("--master", "local[1]", "--partitions", "1"))
                .toArray(String[]::new);
    }

    private static String[] cached(List<String> arguments, String cache) {
        return Stream.concat(
                        arguments.stream(),
                        Stream.of("--model-cache", folder.resolve(cache).toString(), "--partitions", "3"))
                .toArray(String[]::new);
    }

    private static String[] withS3(String... command) throws IOException {
        List<String> words = new ArrayList<>(List.of(
                "--master", Files.readString(cluster.state().resolve("url")).strip()));
        words.addAll(s3.options(projectRoot()));
        words.add("--");
        words.addAll(List.of(command));
        return words.toArray(String[]::new);
    }

    private static List<Path> stagedModels(String cache) {
        try (Stream<Path> files = Files.list(folder.resolve(cache))) {
            return files.filter(Files::isDirectory).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
