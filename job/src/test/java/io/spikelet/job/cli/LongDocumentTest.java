package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Drivers that end within a document that takes long, under a model whose state has one size. */
@Tag("cluster")
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class LongDocumentTest extends SparkTest {
    private DriverProcesses drivers;
    private Path model;
    private Path output;

    @BeforeEach
    void writeInput() {
        model = modelDirectory("spikegpt-tiny");
        output = folder.resolve("out");
        drivers = new DriverProcesses(projectRoot(), folder);
        Stream<String> others = IntStream.range(0, 12)
                .mapToObj(i -> "{\"id\": \"d" + i + "\", \"text\": \"And the LORD said unto number " + i + ", go.\"}");
        String text = "And the LORD said unto him, Go down. ".repeat(3000);
        write(
                "documents.jsonl",
                Stream.concat(others, Stream.of("{\"id\": \"long\", \"text\": \"" + text + "\"}"))
                        .toArray(String[]::new));
    }

    @AfterEach
    void endWhatStillRuns() {
        drivers.close();
    }

    @Test
    void aDocumentIsTakenUpWhereAKilledAndAStoppedDriverLeftIt() throws Exception {
        Path whole = folder.resolve("whole");
        Process fast = drivers.startCommand("whole", drivers.fast(perplexity(whole)));
        assertThat(drivers.end("whole", fast)).as(drivers.said("whole")).isZero();

        Process killed = drivers.start("killed", perplexity(output));
        drivers.await("killed", killed, () -> !progress().isEmpty());
        killed.destroyForcibly().waitFor();
        List<Path> left = progress();
        assertThat(left).hasSize(1);
        byte[] first = Files.readAllBytes(left.getFirst());

        Process stopped =
                drivers.start("stopped", perplexity(output, "--resume", "--conf", "spark.spikelet.stopTimeout=1s"));
        drivers.await("stopped", stopped, goneOn(left.getFirst(), first));
        stopped.destroy();
        assertThat(drivers.end("stopped", stopped)).as(drivers.said("stopped")).isEqualTo(ExitStatus.STOPPED);
        assertThat(progress()).isEqualTo(left);

        Process resumed = drivers.startCommand("resumed", drivers.fast(perplexity(output, "--resume")));
        assertThat(drivers.end("resumed", resumed)).as(drivers.said("resumed")).isZero();
        assertThat(drivers.digest("resumed")).isEqualTo(drivers.digest("whole"));
        assertThat(table(output, "document_scores").count()).isEqualTo(13);
        assertThat(DriverProcesses.unfinished(output)).doesNotExist();
    }

    /** The digest of completions, too, is that of an undisturbed run. */
    @Test
    void killedCompletionsGoOnWithOneDigest() throws Exception {
        Process fast = drivers.startCommand("whole", drivers.fast(generate(folder.resolve("whole"))));
        assertThat(drivers.end("whole", fast)).as(drivers.said("whole")).isZero();
        for (int shards : new int[] {2, 6}) {
            String name = "killed-" + shards;
            Process killed = drivers.start(name, generate(output, "--resume"));
            drivers.await(name, killed, () -> DriverProcesses.committed(output).size() >= shards);
            killed.destroyForcibly().waitFor();
        }
        Process resumed =
                drivers.startCommand("resumed", drivers.fast(generate(output, "--resume", "--batch-size", "3")));
        assertThat(drivers.end("resumed", resumed)).as(drivers.said("resumed")).isZero();
        assertThat(drivers.digest("resumed")).isEqualTo(drivers.digest("whole"));
    }

    private static BooleanSupplier goneOn(Path file, byte[] before) {
        return () -> {
            try {
                return Files.exists(file) && !Arrays.equals(Files.readAllBytes(file), before);
            } catch (IOException e) {
                return false; // it is being replaced
            }
        };
    }

    private List<Path> progress() {
        Path folder = DriverProcesses.unfinished(output).resolve("progress");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> !file.getFileName().toString().startsWith("."))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private List<String> perplexity(Path target, String... more) {
        return arguments("perplexity", target, List.of("--protocol", "stream", "--bootstrap", "0"), more);
    }

    /** Trials of each prompt, which depend on each other. */
    private List<String> generate(Path target, String... more) {
        List<String> options = new ArrayList<>(List.of("--prompt-column", "text", "--samples", "3"));
        options.addAll(List.of("--sampler", "spikegpt-run-trials", "--max-new-tokens", "24", "--partitions", "12"));
        options.addAll(List.of("--max-prompt-tokens", "100"));
        return arguments("generate", target, options, more);
    }

    private List<String> arguments(String command, Path target, List<String> options, String... more) {
        List<String> arguments = new ArrayList<>(List.of(command, "--model", model.toString()));
        arguments.addAll(List.of("--input", folder.resolve("documents.jsonl").toString()));
        arguments.addAll(List.of("--output", target.toString(), "--max-errors", "3"));
        arguments.addAll(options);
        arguments.addAll(List.of(more));
        return arguments;
    }
}
