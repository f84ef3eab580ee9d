package io.spikelet.job.cli;

import static io.spikelet.job.cli.MainTest.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code bench} prints; speed is not asserted. */
final class BenchCommandTest {
    @TempDir
    private Path folder;

    private Path model;

    @BeforeEach
    void convert() {
        model = folder.resolve("model");
        Invocation convert = Invocation.of(
                "convert", "--checkpoint", GoldenFiles.golden("c1-tiny-08b/checkpoint.pt"), "--output", model);
        assertThat(convert.status()).as(convert.err()).isZero();
    }

    @Test
    void printsATableWithTheMachineItsBoundsAndEveryFigure() {
        Invocation bench =
                Invocation.of("bench", "--model", model, "--quick", "--ladder", "--batch", "1,3", "--seconds", "0.01");

        assertThat(bench.status()).as(bench.err()).isZero();
        assertThat(bench.out())
                .containsPattern(
                        "(?m)^model +model: 0\\.8b, w8a32, [0-9,]+ parameters, .*logits of 320 ids, keys and values"
                                + " float32$")
                .containsPattern("(?m)^machine +.* processors, .* kernels (vector|scalar)")
                .containsPattern("(?m)^read +[0-9.]+ GB/s \\([0-9.]+ - [0-9.]+\\), one core")
                .containsPattern("(?m)^fma +[0-9.]+ G multiply-adds/s \\([0-9.]+ - [0-9.]+\\), one core")
                .containsPattern("(?m)^int8 +[0-9.]+ G multiply-adds/s \\([0-9.]+ - [0-9.]+\\), one core")
                .containsPattern("(?m)^ +tokens/s +\\(min - max\\) +share +of +MB/token +Mma/token +Mop/token$")
                .containsPattern("(?m)^dense products of a token alone +[0-9.]+ .*% +read ")
                .containsPattern("(?m)^dense products of 48 tokens alone +[0-9.]+ .*% +fma ")
                .containsPattern("(?m)^decode, batch 1, context 56 +[0-9.]+ +\\([0-9. -]+\\) +[0-9.]+% +read ")
                .containsPattern("(?m)^decode, batch 3, context 56 +[0-9.]+ +\\([0-9. -]+\\) +[0-9.]+% +fma ")
                .containsPattern("(?m)^prefill, 64 tokens +[0-9.]+ .*% +fma ")
                .containsPattern("(?m)^scoring, 64 tokens +[0-9.]+ .*% +fma ")
                .containsPattern("(?m)^scalar FP32 +[0-9.]+ .*% +read ")
                .containsPattern("(?m)^mapping +[0-9.]+ ms")
                .containsPattern("(?m)^allocation +[0-9]+ bytes per token$")
                .containsPattern("(?m)^firing rate +encoder [0-9.]+%, ffn [0-9.]+%, block [0-9.]+%$");
        assertThat(bench.err()).contains("decode, batch 3", "ladder, ").doesNotContain("Exception");
    }

    @Test
    void jsonIsOneObjectWithTheContractsKeysAndNothingElse() throws IOException {
        Invocation bench = Invocation.of(
                "bench",
                "--model",
                model,
                "--quick",
                "--batch",
                "2",
                "--seconds",
                "0.01",
                "--json",
                "--kv-cache",
                "int8");

        assertThat(bench.status()).as(bench.err()).isZero();
        JsonNode json = new ObjectMapper()
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .readTree(bench.out());
        assertThat(json).isInstanceOf(ObjectNode.class);
        assertThat(json.fieldNames())
                .toIterable()
                .contains(
                        "read_gigabytes_per_second",
                        "fma_giga_per_second",
                        "integer_giga_per_second",
                        "map_millis",
                        "resident_overhead_megabytes",
                        "allocated_bytes_per_token",
                        "prefill",
                        "decode",
                        "firing_rate");
        assertThat(json.at("/model/kv_cache").asText()).isEqualTo("int8");
        assertThat(json.get("decode")).hasSize(1);
        assertThat(json.at("/decode/0").fieldNames())
                .toIterable()
                .containsAll(List.of("batch", "context", "threads", "tokens_per_second", "share_of_bound"));
    }

    @Test
    void valuesOutOfRangeAreRefusedBeforeTheModelIsOpened() {
        Path missing = folder.resolve("missing");

        assertRefused(Invocation.of("bench", "--model", missing, "--batch", "1,0"), "batch is 0", "1 to 1024");
        assertRefused(Invocation.of("bench", "--model", missing, "--kv-cache", "int4"), "--kv-cache is 'int4'");
        assertRefused(Invocation.of("bench", "--model", missing, "--seconds", "-1"), "seconds is -1.0", "above 0");
        assertRefused(Invocation.of("bench", "--model", missing), missing.toString(), "not a model directory");
    }

    @Test
    void theLadderOfAFloatModelIsRefused() {
        Path floats = folder.resolve("floats");
        Invocation.of(
                "convert",
                "--checkpoint",
                GoldenFiles.golden("c1-tiny-08b/checkpoint.pt"),
                "--weights",
                "fp32",
                "--output",
                floats);

        assertRefused(
                Invocation.of("bench", "--model", floats, "--ladder"),
                "float32",
                "convert the checkpoint with --weights");
    }

    @Test
    @Tag("cluster") // measures for seconds
    void aJobIsMeasuredBesideTheEngineOnTheSameRows() throws IOException {
        Path bundled = GoldenFiles.tinyTokenizer().orElseThrow().getParent();

        Invocation bench = Invocation.of("bench", "--model", bundled, "--job", "--quick", "--json");

        assertThat(bench.status()).as(bench.err()).isZero();
        JsonNode jobs = new ObjectMapper().readTree(bench.out()).get("job");
        assertThat(jobs)
                .extracting(job -> job.get("work").textValue())
                .containsExactly("generate", "perplexity", "perplexity --emit-tokens");
        for (JsonNode job : jobs) {
            double share = job.get("job_tokens_per_second").doubleValue()
                    / job.get("engine_tokens_per_second").doubleValue();
            assertThat(job.get("share").doubleValue()).isPositive().isEqualTo(share);
        }
    }

    @Test
    void aJobNeedsATokenizerAndMeasuresNothingElse() {
        assertRefused(Invocation.of("bench", "--model", model, "--job"), "has no tokenizer");
        assertRefused(Invocation.of("bench", "--model", model, "--job", "--ladder"), "do not go with it");
    }

    @Test
    void startUpIsMeasuredInWholeCommandsBesideTheMinimalProgram() throws IOException {
        // A checkout whose commands cost next to nothing, so that only what is measured is looked at.
        Path home = Files.createDirectories(folder.resolve("home/scripts")).getParent();
        Path called = home.resolve("called");
        Path script = Files.writeString(home.resolve("scripts/spikelet"), "#!/bin/sh\necho \"$1\" >>" + called + "\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        Files.writeString(home.resolve("scripts/jvm.args"), "--enable-native-access=ALL-UNNAMED");
        Files.createDirectories(home.resolve("datasets/prompts"));
        Files.writeString(home.resolve("datasets/prompts/prompts.jsonl"), "{\"prompt\": \"a\"}\n{\"prompt\": \"b\"}\n");
        List<String> progress = new ArrayList<>();

        StartupBenchmark benchmark = new StartupBenchmark(
                home, Files.createDirectory(folder.resolve("turns")), 1, List.of("-version"), progress::add);
        StringWriter out = new StringWriter();
        StartupTable figures = new StartupTable(benchmark.measure());
        figures.print(new PrintWriter(out, true), true);
        ByteArrayOutputStream table = new ByteArrayOutputStream();
        figures.print(new PrintWriter(table, true), false);

        assertThat(Files.readAllLines(called))
                .containsExactly("--help", "inspect", "tokenize", "generate", "perplexity", "sql", "report", "demo");
        JsonNode commands = new ObjectMapper().readTree(out.toString()).get("startup");
        assertThat(commands).hasSize(9).hasSameSizeAs(progress);
        assertThat(table.toString()).contains(StartupBenchmark.MINIMAL, "demo");
        assertThat(commands.get(0).get("command").asText()).isEqualTo(StartupBenchmark.MINIMAL);
        assertThat(commands.get(0).get("share_of_minimal").asDouble()).isEqualTo(1);
        assertRefused(Invocation.of("bench", "--startup", "--model", model), "--startup", "--quick");
        assertRefused(Invocation.of("bench"), "--model", "--startup");
    }
}
