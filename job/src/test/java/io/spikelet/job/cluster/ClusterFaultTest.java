package io.spikelet.job.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.cluster.ClusterProcess.Running;
import io.spikelet.job.plan.ShardCommit;
import io.spikelet.job.plan.Suspects;
import io.spikelet.job.schema.Tables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Executors that die or dawdle while a job runs. */
final class ClusterFaultTest extends ClusterTest {
    private static final int ROWS = 320;
    private static final int COMPLETION = 24;

    private static final int SHARDS = 64;
    private static final int KILLS = 5;
    private static final long SEED = 20_261_122;
    private static final int MOST_DELAY_MILLIS = 700;
    private static final Pattern ROWS_METRIC =
            Pattern.compile("(?m)^metrics_\\S*SpikeletPlugin_rows_\\S* ([1-9]\\S*)$");

    private static final Pattern APPLICATION =
            Pattern.compile("\"id\"\\s*:\\s*\"([^\"]+)\",\\s*\"name\"\\s*:\\s*\"([^\"]+)\"");

    private static String localDigest;

    private Path input;
    private Path output;

    @BeforeEach
    void writeInput() {
        input = write(
                "prompts.jsonl",
                IntStream.range(0, ROWS)
                        .mapToObj(i -> "{\"id\": \"p" + i + "\", \"prompt\": \"And the LORD said unto p" + i + "\"}")
                        .toArray(String[]::new));
        output = folder.resolve("out");
    }

    @Test
    void fiveExecutorsKilledAtRandomMomentsCostNoRow() throws Exception {
        System.out.println("seed of the kills: " + SEED);
        Random random = new Random(SEED);
        int port = freePort();
        Running job = cluster.start(
                "submit",
                generate(
                        output,
                        "--partitions",
                        Integer.toString(SHARDS),
                        "--conf",
                        "spark.ui.port=" + port,
                        "--conf",
                        "spark.metrics.conf=" + projectRoot().resolve("conf/metrics.properties")));
        job.await(() -> !committed(output).isEmpty());
        Matcher application = APPLICATION.matcher(get(port, "/api/v1/applications"));
        assertThat(application.find()).isTrue();
        assertThat(application.group(2)).isEqualTo("spikelet generate");
        assertThat(get(port, "/api/v1/applications/" + application.group(1) + "/jobs"))
                .contains(
                        "generate: " + ROWS + " rows in about " + SHARDS + " shards",
                        "generate: plan the work",
                        "generate: copy the rows of ");
        job.await(() -> ROWS_METRIC.matcher(get(port, "/metrics/prometheus/")).find());
        for (int kill = 1; kill <= KILLS; kill++) {
            int shards = kill * SHARDS / (KILLS + 2);
            job.await(() ->
                    committed(output).size() >= shards && !cluster.executors().isEmpty());
            // A moment of its own within a shard, the job must still run at; not a wait for anything.
            job.process().waitFor(random.nextInt(MOST_DELAY_MILLIS), TimeUnit.MILLISECONDS);
            List<ProcessHandle> alive = cluster.executors();
            assertThat(alive).as("executors before kill %d", kill).isNotEmpty();
            ProcessHandle victim = alive.get(random.nextInt(alive.size()));
            assertThat(victim.destroyForcibly()).isTrue();
            job.await(() -> !victim.isAlive());
        }

        ClusterProcess.Outcome done = job.end();
        assertThat(done.status()).as(done.err()).isZero();
        assertEveryRowOnce();
        assertThat(digest(done)).isEqualTo(digestOfALocalRun());
        assertThat(table(output, Tables.RUNS)
                        .selectExpr("size(array_distinct(executors.executor))")
                        .head()
                        .getInt(0))
                .as("executors that finished tasks")
                .isGreaterThan(2);
    }

    @Test
    void copiesOfTasksOnAWorkerThatDawdlesMakeNoDuplicates() throws Exception {
        String host = "127.0.0.2";
        cluster.addWorker("worker-3", host);
        Path events = Files.createDirectories(folder.resolve("events"));
        Running job = cluster.start(
                "submit",
                generate(
                        output,
                        "--partitions",
                        Integer.toString(SHARDS),
                        "--conf",
                        "spark.speculation=true",
                        "--conf",
                        "spark.speculation.interval=100ms",
                        "--conf",
                        "spark.speculation.quantile=0.25",
                        "--conf",
                        "spark.speculation.multiplier=1.2",
                        "--conf",
                        "spark.speculation.minTaskRuntime=100ms",
                        "--conf",
                        "spark.eventLog.enabled=true",
                        "--conf",
                        "spark.eventLog.compress=false",
                        "--conf",
                        "spark.eventLog.dir=" + events.toUri()));
        // Not before it has work: an executor that starts this slowly would never get any.
        job.await(() -> hosts().contains(host));
        slowDown(cluster.executors("worker-3"), job, () -> false);

        ClusterProcess.Outcome done = job.end();
        assertThat(done.status()).as(done.err()).isZero();
        assertThat(logged(events).stream()
                        .filter(line -> line.contains("\"Speculative\":true"))
                        .count())
                .as("copies of tasks")
                .isPositive();
        assertEveryRowOnce();
        assertThat(digest(done)).isEqualTo(digestOfALocalRun());
        cluster.removeWorker("worker-3");
    }

    @Test
    void executorsThatComeAndGoCostNoRow() throws Exception {
        Running job = cluster.start(
                "submit",
                generate(
                        output,
                        "--partitions",
                        Integer.toString(SHARDS),
                        "--conf",
                        "spark.dynamicAllocation.enabled=true",
                        "--conf",
                        "spark.dynamicAllocation.shuffleTracking.enabled=true",
                        "--conf",
                        "spark.dynamicAllocation.initialExecutors=1",
                        "--conf",
                        "spark.dynamicAllocation.minExecutors=1",
                        "--conf",
                        "spark.dynamicAllocation.maxExecutors=3",
                        "--conf",
                        "spark.dynamicAllocation.schedulerBacklogTimeout=1s",
                        "--conf",
                        "spark.sql.files.maxPartitionBytes=4k"));
        job.await(() -> committed(output).size() >= 2);
        List<ProcessHandle> others = cluster.executors();
        String host = "127.0.0.3";
        cluster.addWorker("worker-4", host);
        // The others leave work for an executor that has yet to start.
        slowDown(others, job, () -> hosts().contains(host));
        job.await(() -> hosts().contains(host));
        cluster.removeWorker("worker-4");

        ClusterProcess.Outcome done = job.end();

        assertThat(done.status()).as(done.err()).isZero();
        assertEveryRowOnce();
        assertThat(digest(done)).isEqualTo(digestOfALocalRun());
        assertThat(table(output, Tables.RUNS)
                        .selectExpr("size(array_distinct(executors.host))")
                        .head()
                        .getInt(0))
                .as("machines that finished tasks")
                .isGreaterThanOrEqualTo(2);
    }

    /** A row during which an executor ends, as often as it is tried; here a signal ends it. */
    @Test
    void aRowThatEndsExecutorsIsNotedAtTheSecondAttemptAndSteppedOverAtTheThird() throws Exception {
        Path documents = write(
                "documents.jsonl",
                IntStream.range(0, 8)
                        .mapToObj(i -> "{\"id\": \"d" + i + "\", \"text\": \""
                                + "And the LORD said unto him ".repeat(i == 5 ? 100_000 : 1) + "\"}")
                        .toArray(String[]::new));
        Running job = cluster.start(
                "submit",
                command(
                        "perplexity",
                        model().toString(),
                        output,
                        "--input",
                        documents.toString(),
                        "--partitions",
                        "2",
                        "--bootstrap",
                        "0"));
        job.await(() -> committed(output).size() == 1); // then the long one is worked on in the other shard
        killAll(job);
        Path notes = output.resolveSibling(".out.unfinished/suspects/1");
        job.await(() -> isNotedAlone(notes, "d5"));
        killAll(job);

        ClusterProcess.Outcome done = job.end();

        assertThat(done.status()).as(done.err()).isZero();
        assertThat(rows(table(output, Tables.DOCUMENT_SCORES), "row_id", "error_class").stream()
                        .map(row -> row.getString(0) + " " + row.getString(1)))
                .hasSize(8)
                .allSatisfy(row -> assertThat(row).endsWith(row.startsWith("d5") ? " engine_error" : " null"));
        assertThat(table(output, Tables.DOCUMENT_SCORES)
                        .where("row_id = 'd5'")
                        .select("error_message")
                        .head()
                        .getString(0))
                .contains("a JVM ended while it worked on this row alone", "--retry-failed");
        assertThat(done.err()).contains("8 rows, 1 failed (1 engine_error)");
    }

    private static void killAll(Running job) throws Exception {
        List<ProcessHandle> victims = cluster.executors();
        assertThat(victims).isNotEmpty().allMatch(ProcessHandle::destroyForcibly);
        job.await(() -> victims.stream().noneMatch(ProcessHandle::isAlive));
    }

    private static boolean isNotedAlone(Path notes, String row) {
        if (!Files.isDirectory(notes)) {
            return false;
        }
        try (Stream<Path> files = Files.list(notes)) {
            return files.filter(file -> !file.getFileName().toString().startsWith("."))
                    .flatMap(ClusterFaultTest::lines)
                    .anyMatch(line -> line.charAt(0) == Suspects.ALONE && line.endsWith(" " + row));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The hosts of executors that committed shards. */
    private Set<String> hosts() {
        return committed(output).stream().map(ShardCommit::host).collect(Collectors.toSet());
    }

    /** Lets processes run for a tenth of the time, until something has happened or the job has ended. */
    private static void slowDown(List<ProcessHandle> slow, Running job, BooleanSupplier happened) throws Exception {
        try {
            while (!happened.getAsBoolean() && !job.process().waitFor(100, TimeUnit.MILLISECONDS)) {
                signal("STOP", slow);
                job.process().waitFor(900, TimeUnit.MILLISECONDS);
                signal("CONT", slow);
            }
        } finally {
            signal("CONT", slow);
        }
    }

    private String[] generate(Path target, String... more) {
        return command(
                "generate",
                model().toString(),
                target,
                Stream.concat(
                                Stream.of(
                                        "--input", input.toString(), "--max-new-tokens", Integer.toString(COMPLETION)),
                                Stream.of(more))
                        .toArray(String[]::new));
    }

    private void assertEveryRowOnce() {
        assertThat(table(output, Tables.COMPLETIONS).count()).isEqualTo(ROWS);
        assertThat(table(output, Tables.COMPLETIONS).select("row_id").distinct().count())
                .isEqualTo(ROWS);
    }

    /** The same for all tests, since their input is; made once. */
    private String digestOfALocalRun() throws IOException, InterruptedException {
        if (localDigest == null) {
            ClusterProcess.Outcome local =
                    cluster.script("spikelet", generate(folder.resolve("local"), "--master", "local[1]"));
            assertThat(local.status()).as(local.err()).isZero();
            localDigest = digest(local);
        }
        return localDigest;
    }

    /** What the driver's web server answers; nothing while it does not. */
    private static String get(int port, String path) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void signal(String name, List<ProcessHandle> processes) throws IOException, InterruptedException {
        new ProcessBuilder(Stream.concat(
                                Stream.of("kill", "-" + name),
                                processes.stream().map(process -> Long.toString(process.pid())))
                        .toList())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    private static List<String> logged(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .flatMap(ClusterFaultTest::lines)
                    .toList();
        }
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
