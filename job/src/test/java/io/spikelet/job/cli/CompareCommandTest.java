package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.spikelet.job.SparkTest;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** The bundled model against itself and against itself without its prior. */
final class CompareCommandTest extends SparkTest {
    private static final String[] TEXTS = {
        "{\"id\": \"a\", \"text\": \"And God said, Let there be light: and there was light.\"}",
        "{\"id\": \"b\", \"text\": \"The whale rose, and the boats were lowered into the sea.\"}",
        "{\"id\": \"c\", \"text\": \"I recommend the subject to the early attention of Congress.\"}",
        "{\"id\": \"d\", \"text\": null}",
    };

    @Test
    void aModelAgainstItselfDiffersInNothing() {
        Path output = folder.resolve("out");
        Invocation compare = compare(write("in.jsonl", TEXTS), output, "--partitions", "2");

        assertThat(compare.status()).as(compare.err()).isZero();
        assertThat(compare.out()).contains("mean KL divergence per token", "documents with the largest loss");
        assertThat(compare.err()).contains("4 rows, 1 failed (1 null_input)");
        Row summary = table(output, "comparison_summary").head();
        assertThat(summary.<Long>getAs("documents")).isEqualTo(3);
        for (String zero : new String[] {
            "perplexity_difference",
            "perplexity_difference_stderr",
            "nll_difference",
            "mean_kl_divergence",
            "max_kl_divergence",
            "mean_p_change",
            "rms_p_change"
        }) {
            assertThat(summary.<Double>getAs(zero)).as(zero).isZero();
        }
        assertThat(summary.<Double>getAs("same_top_share")).isEqualTo(1);
        assertThat(summary.<Double>getList(summary.fieldIndex("p_change_quantiles")))
                .hasSize(7)
                .containsOnly(0.0);
    }

    @Test
    void differencesHaveAPairedErrorAndTheSameBitsForEveryPartitioning() {
        Path input = write("in.jsonl", TEXTS);
        Path output = folder.resolve("out");
        assertThat(compare(input, output, "--ablate", "prior").status()).isZero();
        Path other = folder.resolve("other");
        assertThat(compare(input, other, "--ablate", "prior", "--partitions", "3", "--batch-size", "5")
                        .status())
                .isZero();
        assertThat(table(other, "runs").head().<String>getAs("result_digest"))
                .isEqualTo(table(output, "runs").head().<String>getAs("result_digest"));

        List<Row> documents = table(output, "document_comparisons")
                .where("error_class IS NULL")
                .orderBy("row_id")
                .collectAsList();
        double tokens = 0;
        double nll = 0;
        double base = 0;
        for (Row document : documents) {
            tokens += document.<Long>getAs("scored_tokens");
            nll += document.<Double>getAs("nll");
            base += document.<Double>getAs("baseline_nll");
        }
        double perplexity = Math.exp(nll / tokens);
        double baseline = Math.exp(base / tokens);
        double squares = 0;
        for (Row document : documents) {
            long own = document.<Long>getAs("scored_tokens");
            double residual = perplexity * (document.<Double>getAs("nll") - nll / tokens * own)
                    - baseline * (document.<Double>getAs("baseline_nll") - base / tokens * own);
            squares += residual * residual;
        }
        Row summary = table(output, "comparison_summary").head();
        assertClose(summary.getAs("perplexity_difference"), perplexity - baseline);
        assertClose(summary.getAs("perplexity_difference_stderr"), Math.sqrt(squares * 3 / 2) / tokens);
        double low = summary.getAs("perplexity_difference_low");
        double high = summary.getAs("perplexity_difference_high");
        assertThat(perplexity - baseline).isStrictlyBetween(low, high);
        Row same = table(other, "comparison_summary").head();
        assertThat(same.<Double>getAs("perplexity_difference_low")).isEqualTo(low);
        assertThat(same.<Double>getAs("perplexity_difference_high")).isEqualTo(high);
        assertThat(summary.<Double>getAs("mean_kl_divergence")).isPositive();
        assertThat(summary.<Double>getAs("max_kl_divergence"))
                .isGreaterThan(summary.<Double>getAs("mean_kl_divergence"));
        assertThat(summary.<Double>getAs("same_top_share")).isBetween(0.1, 1.0);
        List<Double> quantiles = summary.getList(summary.fieldIndex("p_change_quantiles"));
        assertThat(quantiles).isSorted();
        assertThat(quantiles.getFirst()).isNegative();
    }

    @Test
    void twoFinishedRunsGiveTheSameDifferenceWithoutDivergence() {
        Path input = write("in.jsonl", TEXTS);
        Path whole = folder.resolve("whole");
        Path ablated = folder.resolve("ablated");
        assertThat(perplexity(input, whole).status()).isZero();
        assertThat(perplexity(input, ablated, "--ablate", "prior").status()).isZero();
        Path direct = folder.resolve("direct");
        assertThat(compare(input, direct, "--ablate", "prior").status()).isZero();

        Path output = folder.resolve("out");
        Invocation runs = Invocation.of("compare-runs", "--run", ablated, "--baseline", whole, "--output", output);

        assertThat(runs.status()).as(runs.err()).isZero();
        assertThat(runs.err()).contains("3 documents, 0 that only one run", "no KL divergence");
        Row summary = table(output, "comparison_summary").head();
        Row expected = table(direct, "comparison_summary").head();
        for (String same : new String[] {
            "perplexity", "baseline_perplexity", "perplexity_difference_stderr", "nll_difference", "rms_p_change"
        }) {
            assertClose(summary.getAs(same), expected.getAs(same));
        }
        String[] operations = {
            "row_id",
            "accumulates",
            "multiply_adds",
            "dense_multiply_adds",
            "energy_microjoules",
            "dense_energy_microjoules",
            "baseline_accumulates",
            "baseline_multiply_adds",
            "baseline_dense_multiply_adds",
            "baseline_energy_microjoules",
            "baseline_dense_energy_microjoules"
        };
        List<Row> counted = rows(table(output, "document_comparisons"), operations);
        assertThat(counted)
                .as("of the runs, and of the models that are compared directly")
                .isEqualTo(rows(table(direct, "document_comparisons").where("error_class IS NULL"), operations))
                .hasSize(3);
        assertThat(counted.getFirst().getDouble(4)).isPositive();
        assertThat(summary.<Double>getAs("mean_kl_divergence")).isNull();
        assertThat(summary.<Double>getAs("same_top_share")).isNull();
        assertThat(summary.<Double>getList(summary.fieldIndex("p_change_quantiles")))
                .hasSize(7);

        Invocation again = Invocation.of("compare-runs", "--run", ablated, "--baseline", whole, "--output", output);
        assertThat(again.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(again.err()).contains("exists");

        for (Path one : new Path[] {whole, ablated}) {
            Invocation inside = Invocation.of(
                    "compare-runs", "--run", ablated, "--baseline", whole, "--output", one.resolve("out"));
            assertThat(inside.status()).isEqualTo(ExitStatus.BAD_INPUT);
            assertThat(inside.err()).contains("lies inside", one.toString());
        }
    }

    private static void assertClose(double actual, double expected) {
        assertThat(actual).isCloseTo(expected, within(1e-9 * Math.abs(expected)));
    }

    private static Invocation perplexity(Path input, Path output, String... options) {
        return run("perplexity", input, output, Stream.concat(Stream.of("--emit-tokens"), Stream.of(options)));
    }

    private static Invocation compare(Path input, Path output, String... options) {
        return run(
                "compare",
                input,
                output,
                Stream.concat(Stream.of("--baseline", model().toString()), Stream.of(options)));
    }

    private static Invocation run(String command, Path input, Path output, Stream<String> options) {
        return Invocation.of(
                Stream.concat(Stream.of(command, "--model", model(), "--input", input, "--output", output), options)
                        .toArray());
    }
}
