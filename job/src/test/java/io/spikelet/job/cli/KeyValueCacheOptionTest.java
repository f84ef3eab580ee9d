package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.engine.model.KeyValueType;
import io.spikelet.engine.model.ModelSettings;
import io.spikelet.job.SparkTest;
import io.spikelet.job.library.Scoring;
import io.spikelet.job.library.Spikelet;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** {@code --kv-cache}: other numbers, recorded, never mixed with those of another type, the same in the library. */
final class KeyValueCacheOptionTest extends SparkTest {
    private static final String[] TEXTS = {
        "{\"id\": \"a\", \"text\": \"And God said, Let there be light: and there was light.\"}",
        "{\"id\": \"b\", \"text\": \"The whale rose, and the boats were lowered into the sea.\"}",
    };

    @Test
    void eachTypeHasNumbersOfItsOwnAndIsRecorded() throws Exception {
        Path input = write("in.jsonl", TEXTS);
        Path plain = folder.resolve("plain");
        Path rounded = folder.resolve("rounded");
        done(run("perplexity", model(), input, plain));
        done(run("perplexity", model(), input, rounded, "--kv-cache", "int8"));

        assertThat(configuration(plain).get("kv-cache").asText()).isEqualTo("float32");
        assertThat(configuration(rounded).get("kv-cache").asText()).isEqualTo("int8");
        List<Double> scores =
                nlls(Spikelet.open(spark, model().toString(), new ModelSettings(Set.of(), KeyValueType.INT8))
                        .score(spark.read().json(input.toString()), Scoring.ofColumn("text")));
        assertThat(scores)
                .isEqualTo(nlls(table(rounded, "document_scores")))
                .isNotEqualTo(nlls(table(plain, "document_scores")));

        Invocation mixed = run("perplexity", model(), input, plain, "--kv-cache", "int8", "--resume");
        assertThat(mixed.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(mixed.err()).contains("kv-cache: float32 → int8");
    }

    @Test
    void twoTypesOfOneModelCanBeCompared() throws Exception {
        Path output = folder.resolve("compared");
        String[] types = {"--baseline", model().toString(), "--kv-cache", "int8", "--baseline-kv-cache", "float16"};
        done(run("compare", model(), write("in.jsonl", TEXTS), output, types));

        assertThat(configuration(output).get("kv-cache").asText()).isEqualTo("int8");
        assertThat(configuration(output).get("baseline-kv-cache").asText()).isEqualTo("float16");
        assertThat(table(output, "comparison_summary").head().<Double>getAs("mean_kl_divergence"))
                .isBetween(1e-9, 0.1);
    }

    @Test
    void theSchemesOfTwoModelsAreRecorded() throws Exception {
        Path output = folder.resolve("compared");
        done(run(
                "compare",
                modelDirectory("tiny-w8a8"),
                write("in.jsonl", TEXTS),
                output,
                "--baseline",
                model().toString()));

        assertThat(configuration(output).get("scheme").asText()).isEqualTo("w8a8");
        assertThat(configuration(output).get("baseline-scheme").asText()).isEqualTo("w8a32");
    }

    @Test
    void whatAModelDoesNotStoreIsRefusedBeforeSparkStarts() {
        Path input = write("in.jsonl", TEXTS);
        Invocation unknown = run("perplexity", model(), input, folder.resolve("out"), "--kv-cache", "int4");
        assertThat(unknown.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(unknown.err())
                .contains("--kv-cache is 'int4'; it must be one of float32, float16, int8")
                .hasLineCount(1);

        Path bits = model().resolveSibling("tiny-bispikclm");
        Invocation refused = run("generate", bits, input, folder.resolve("out"), "--kv-cache", "int8");
        assertThat(refused.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(refused.err())
                .contains("--kv-cache int8", "bispikclm", "leave the option out")
                .hasLineCount(1);
    }

    private static List<Double> nlls(Dataset<Row> scores) {
        return scores.orderBy("row_id").select("nll").as(Encoders.DOUBLE()).collectAsList();
    }

    private static void done(Invocation invocation) {
        assertThat(invocation.status()).as(invocation.err()).isZero();
    }

    private static JsonNode configuration(Path output) throws Exception {
        return new ObjectMapper().readTree(table(output, "runs").head().<String>getAs("configuration"));
    }

    private static Invocation run(String command, Path model, Path input, Path output, String... options) {
        return Invocation.of(Stream.concat(
                        Stream.of(command, "--model", model, "--input", input, "--output", output), Stream.of(options))
                .toArray());
    }
}
