package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.ManifestReader;
import io.spikelet.job.SparkTest;
import io.spikelet.job.action.SparkSettings;
import io.spikelet.job.executor.NodeCacheSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Options of Spark, of the model cache and of the commands that prepare models, each by what it does. */
final class OptionsOfOtherCommandsTest extends SparkTest {
    @Test
    void aBatchSizeMakesAsManyPartitionsAsBatchesFill() {
        Path input = write(
                "in.jsonl",
                IntStream.range(0, 4)
                        .mapToObj(i -> "{\"id\": \"" + i + "\", \"prompt\": \"And\"}")
                        .toArray(String[]::new));
        Path output = folder.resolve("out");
        Object[] words = {"generate", "--model", model(), "--input", input, "--output", output, "--batch-size", "1"};

        Invocation generate = Invocation.of(words);

        assertThat(generate.status()).as(generate.err()).isZero();
        assertThat(table(output, "runs").head().<Integer>getAs("partitions"))
                .as("one for each of 2 cores if they were full")
                .isEqualTo(4);
    }

    @Test
    void aSparkPropertyReachesTheSession() {
        Invocation sql =
                Invocation.of("sql", "--conf", "spark.sample.of.ours=7", "--format", "csv", "SET spark.sample.of.ours");

        assertThat(sql.out()).as(sql.err()).contains("spark.sample.of.ours,7");
    }

    @ParameterizedTest
    @ValueSource(strings = {"generate", "perplexity", "choice", "compare", "plan", "sql", "report", "demo"})
    void aMasterThatIsNoneIsRefusedByEveryCommandThatTakesOne(String command) {
        write("results/things/part-0.parquet", "x");
        Path results = folder.resolve("results");
        Path input = write("in.jsonl", "{\"id\": \"a\", \"prompt\": \"And\", \"text\": \"And\"}");
        List<Object> words = new ArrayList<>(List.of(command, "--master", "loco"));
        words.addAll(
                switch (command) {
                    case "sql" -> List.of("SELECT 1");
                    case "report" -> List.of(results, "-o", folder.resolve("r.html"));
                    case "demo" -> List.of();
                    case "choice" -> List.of("--model", model(), "--input", input, "--output", "o", "--task", "piqa");
                    case "compare" ->
                        List.of("--model", model(), "--input", input, "--output", "o", "--baseline", model());
                    default -> List.of("--model", model(), "--input", input, "--output", "o");
                });

        Invocation refused = Invocation.of(words.toArray());

        assertThat(refused.err()).contains("--master is loco");
        assertThat(refused.status()).isEqualTo(ExitStatus.BAD_INPUT);
    }

    @Test
    void theModelCacheBecomesPropertiesThatExecutorsSee() {
        ModelOptions options = new ModelOptions();
        new CommandLine(options).parseArgs("--model", "m", "--model-cache", "copies", "--model-cache-size", "7g");

        assertThat(options.apply(new SparkSettings(Optional.empty(), Map.of())).conf())
                .containsEntry(
                        NodeCacheSettings.DIRECTORY,
                        Path.of("copies").toAbsolutePath().toString())
                .containsEntry(NodeCacheSettings.LIMIT, "7g");
        MainTest.assertRefused(
                Invocation.of(
                        "generate",
                        "--model",
                        model(),
                        "--input",
                        write("in.jsonl", "{\"prompt\": \"And\"}"),
                        "--output",
                        folder.resolve("out"),
                        "--model-cache-size",
                        "much"),
                "the model cache's size is much");
    }

    @Test
    void theSeedOfASynthesizedModelDeterminesItsWeights() {
        List<String> hashes = Stream.of("3/a", "3/b", "4/a")
                .map(name -> {
                    Path output = folder.resolve(name);
                    String seed = name.substring(0, 1);
                    Invocation done =
                            Invocation.of("synthesize", "--preset", "tiny", "--seed", seed, "--output", output);
                    assertThat(done.status()).as(done.err()).isZero();
                    return ManifestReader.read(output, Families.all()).weightsSha256();
                })
                .toList();

        assertThat(hashes.get(0)).isEqualTo(hashes.get(1)).isNotEqualTo(hashes.get(2));
    }

    @Test
    void aConversionTakesTheEmbeddingAndTheVariant() {
        Path checkpoint = GoldenFiles.golden("c1-tiny-08b/checkpoint.pt");
        Path plain = folder.resolve("plain");
        Path floats = folder.resolve("floats");
        Invocation.of("convert", "--checkpoint", checkpoint, "--output", plain);
        Invocation.of("convert", "--checkpoint", checkpoint, "--embedding", "fp32", "--output", floats);

        assertThat(ManifestReader.read(floats, Families.all()).weightsBytes())
                .isGreaterThan(ManifestReader.read(plain, Families.all()).weightsBytes());
        Invocation refused = Invocation.of(
                "convert", "--checkpoint", checkpoint, "--variant", "194m", "--output", folder.resolve("other"));
        assertThat(refused.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(refused.err()).contains("does not fit its configuration (variant 194m)");
    }

    @Test
    void aConversionTakesTheProfileAndWhatTheEmbeddingIs() {
        Path checkpoint = GoldenFiles.golden("spikegpt/g1-train/model.pth");
        Path run = folder.resolve("run");
        Invocation done = Invocation.of(
                "convert", "--checkpoint", checkpoint, "--profile", "run", "--embedding", "binary", "--output", run);
        assertThat(done.status()).as(done.err()).isZero();
        assertThat(ManifestReader.read(run, Families.all()).config().variant()).isEqualTo("run-binary");

        Path other = GoldenFiles.golden("c1-tiny-08b/checkpoint.pt");
        Invocation refused = Invocation.of(
                "convert", "--checkpoint", other, "--profile", "run", "--output", folder.resolve("refused"));
        assertThat(refused.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(refused.err()).contains("--profile is run", "has no such choice");
    }
}
