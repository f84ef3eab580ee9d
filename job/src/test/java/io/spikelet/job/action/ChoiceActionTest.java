package io.spikelet.job.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.spikelet.job.SparkTest;
import io.spikelet.job.UsageException;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.plan.RequestSpec;
import io.spikelet.job.task.ChoiceTask;
import io.spikelet.job.task.RowLimits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class ChoiceActionTest extends SparkTest {
    private static final String OWN = """
            name: own
            description: texts as they are
            text: q
            context: "{q}"
            choices: choices
            answer: {column: answer, from: 1}
            """;

    static Stream<Arguments> bundledTasks() {
        return Stream.of(
                Arguments.of(
                        "piqa",
                        6,
                        "Question: To keep a boat from drifting away in the night,\nAnswer:",
                        List.of(
                                "tie it to a post on the shore with a rope.",
                                "tie it to a floating leaf with a thread."),
                        0),
                Arguments.of(
                        "arc_easy",
                        6,
                        "Question: What do plants take up through their roots?\nAnswer:",
                        List.of("light", "water", "sound", "wind"),
                        1),
                Arguments.of(
                        "arc_challenge",
                        5,
                        "Question: A pot of sea water is left in the sun until it is dry. What is left in the pot?\nAnswer:",
                        List.of("nothing at all", "salt", "sand from the beach", "fresh water"),
                        1),
                Arguments.of(
                        "boolq",
                        4,
                        "The lighthouse on the northern cape was built of granite and finished after six years of work. "
                                + "Its lamp burned whale oil at first, and later petroleum. It has been out of use since "
                                + "a new tower was raised on the reef.\nQuestion: is the lighthouse on the northern cape "
                                + "still in use?\nAnswer:",
                        List.of("no", "yes"),
                        0),
                Arguments.of(
                        "sciq",
                        4,
                        "\nQuestion: Which part of the blood carries oxygen?\nAnswer:",
                        List.of("the plasma", "the platelets", "the skin", "the red cells"),
                        3),
                Arguments.of(
                        "openbookqa",
                        4,
                        "Bread dough rises when",
                        List.of("yeast gives off gas", "the oven is cold", "salt turns to sand", "flour grows roots"),
                        0),
                Arguments.of(
                        "hellaswag",
                        4,
                        "Baking bread: How to bake bread. Mix the flour. Pour the flour into a bowl.",
                        List.of(
                                "Throw the bowl into the sea. Wait for the tide.",
                                "Add water and salt, and knead it well. Let it rest.",
                                "Read the bowl a story.",
                                "Plant the bowl in the garden."),
                        1),
                Arguments.of(
                        "winogrande",
                        5,
                        "The chest did not fit under the bench because the bench",
                        List.of("was too low.", "was too low."),
                        1),
                Arguments.of(
                        "lambada",
                        4,
                        "The king asked for a song, but the singer had lost her voice on the road. So she took the harp, "
                                + "and for an hour nobody in the hall made a sound but the",
                        List.of("harp"),
                        null));
    }

    @ParameterizedTest
    @MethodSource("bundledTasks")
    void everyTaskAsksWhatTheHarnessAsks(
            String name, int items, String context, List<String> continuations, Integer target) throws IOException {
        Path output = folder.resolve("out");
        RunResult result = run(task(name), data(name), output, 1, 64, List.of());

        assertThat(result.failedRows()).isZero();
        List<Row> rows = table(output, "choice_scores").collectAsList();
        assertThat(rows).hasSize(items);
        Row row = rows.stream()
                .filter(one -> one.<String>getList(one.fieldIndex("contexts")).contains(context)
                        && one.<String>getList(one.fieldIndex("continuations")).equals(continuations))
                .findFirst()
                .orElseThrow(() -> new AssertionError("none of\n" + rows));
        assertThat(row.<Integer>getAs("target")).isEqualTo(target);
        assertThat(row.<Double>getList(row.fieldIndex("log_likelihoods")))
                .hasSize(continuations.size())
                .allMatch(value -> value < 0);
        boolean isNormalized = target != null && !name.equals("winogrande");
        assertThat(row.<Integer>getAs("acc_norm") != null).isEqualTo(isNormalized);
        Row summary = table(output, "choice_summary").head();
        assertThat(summary.<Long>getAs("items")).isEqualTo(items);
        assertThat(summary.<Double>getAs("acc_norm") != null).isEqualTo(isNormalized);
        assertThat(summary.<Double>getAs("perplexity") != null).isEqualTo(target == null);
    }

    @Test
    void predictionsAreTheFirstOfTheLargestByEachMeasure() throws IOException {
        Path output = folder.resolve("out");
        run(task("arc_easy"), data("arc_easy"), output, 2, 64, List.of());
        run(task("piqa"), data("piqa"), folder.resolve("piqa"), 2, 64, List.of());

        List<Row> rows = new ArrayList<>(table(output, "choice_scores").collectAsList());
        rows.addAll(table(folder.resolve("piqa"), "choice_scores").collectAsList());
        boolean sawMultiByte = false;
        int[] hits = new int[3];
        for (Row row : rows) {
            List<String> texts = row.getList(row.fieldIndex("continuations"));
            List<Double> scores = row.getList(row.fieldIndex("log_likelihoods"));
            int[] best = new int[3];
            for (int i = 1; i < texts.size(); i++) {
                best[0] = scores.get(i) > scores.get(best[0]) ? i : best[0];
                best[1] = perCharacter(texts, scores, i) > perCharacter(texts, scores, best[1]) ? i : best[1];
                best[2] = perByte(texts, scores, i) > perByte(texts, scores, best[2]) ? i : best[2];
            }
            int target = row.getAs("target");
            assertThat(row.<Integer>getAs("predicted")).isEqualTo(best[0]);
            assertThat(row.<Integer>getAs("predicted_norm")).isEqualTo(best[1]);
            assertThat(row.<Integer>getAs("predicted_bytes")).isEqualTo(best[2]);
            assertThat(row.<Integer>getAs("acc")).isEqualTo(best[0] == target ? 1 : 0);
            sawMultiByte |=
                    row.<String>getList(row.fieldIndex("contexts")).getFirst().contains("ü");
            for (int i = 0; i < 3 && row.getAs("task").equals("arc_easy"); i++) {
                hits[i] += best[i] == target ? 1 : 0;
            }
        }
        assertThat(sawMultiByte).isTrue();
        Row summary = table(output, "choice_summary").head();
        String[] names = {"acc", "acc_norm", "acc_bytes"};
        for (int i = 0; i < 3; i++) {
            double p = hits[i] / 6.0;
            double sampleVariance = (hits[i] * (1 - p) * (1 - p) + (6 - hits[i]) * p * p) / 5;
            assertThat(summary.<Double>getAs(names[i])).isEqualTo(p);
            assertThat(summary.<Double>getAs(names[i] + "_stderr"))
                    .isCloseTo(Math.sqrt(sampleVariance / 6), within(1e-15));
        }
    }

    private static double perCharacter(List<String> texts, List<Double> scores, int i) {
        return scores.get(i) / texts.get(i).codePointCount(0, texts.get(i).length());
    }

    private static double perByte(List<String> texts, List<Double> scores, int i) {
        return scores.get(i) / texts.get(i).getBytes(StandardCharsets.UTF_8).length;
    }

    @Test
    void tiesGoToTheFirstAndLengthsCountCodePointsWithoutTheDelimiter() {
        Path input = write(
                "in.jsonl",
                "{\"id\": \"tie\", \"q\": \"The sea\", \"choices\": [\"is\", \"is\", \"is\"], \"answer\": 2}",
                "{\"id\": \"wide\", \"q\": \"The sea\", \"choices\": [\"𝄞é海\", \"\"], \"answer\": 1}");
        Path output = folder.resolve("out");
        run(ChoiceTask.parse(OWN, "own"), input, output, 1, 64, List.of());

        List<Row> rows = table(output, "choice_scores").orderBy("row_id").collectAsList();
        Row tie = rows.getFirst();
        assertThat(tie.<Integer>getAs("predicted")).isZero();
        assertThat(tie.<Integer>getAs("predicted_norm")).isZero();
        assertThat(tie.<Integer>getAs("target")).isEqualTo(1);
        assertThat(tie.<Integer>getAs("acc")).isZero();
        Row wide = rows.getLast();
        assertThat(wide.<Long>getList(wide.fieldIndex("continuation_characters")))
                .containsExactly(3L, 0L);
        assertThat(wide.<Long>getList(wide.fieldIndex("continuation_bytes"))).containsExactly(9L, 0L);
        // the empty choice is its delimiter, one token; divided by one
        assertThat(wide.<Integer>getList(wide.fieldIndex("continuation_tokens")).getLast())
                .isEqualTo(1);
        assertThat(wide.<Double>getList(wide.fieldIndex("log_likelihoods"))).allMatch(Double::isFinite);
    }

    @Test
    void theTablesDoNotDependOnPartitionsBatchOrFormat() throws IOException {
        Path parquet = folder.resolve("arc.parquet");
        spark.read().json(data("arc_easy").toString()).write().parquet(parquet.toString());
        List<List<Row>> scores = new ArrayList<>();
        List<String> digests = new ArrayList<>();
        String[] columns = {"row_id", "log_likelihoods", "greedy", "predicted", "predicted_norm", "acc", "acc_bytes"};
        int[][] cuts = {{1, 64}, {2, 1}, {5, 7}};
        for (int i = 0; i < cuts.length; i++) {
            Path output = folder.resolve("out" + i);
            digests.add(run(task("arc_easy"), data("arc_easy"), output, cuts[i][0], cuts[i][1], List.of())
                    .digest());
            scores.add(rows(table(output, "choice_scores"), columns));
        }
        Path output = folder.resolve("parquet");
        run(task("arc_easy"), parquet, output, 2, 64, List.of());
        scores.add(rows(table(output, "choice_scores"), columns));

        assertThat(digests).hasSize(3).containsOnly(digests.getFirst());
        assertThat(scores).hasSize(4).containsOnly(scores.getFirst());
    }

    @Test
    void aMalformedItemIsAnErrorRowWithItsLine() {
        Path input = write(
                "in.jsonl",
                "{\"id\": \"a\", \"q\": \"The sea\", \"choices\": [\"is\", \"was\"], \"answer\": 2}",
                "{\"id\": \"b\", \"q\": \"The sea\", \"choices\": [\"is\", \"was\"], \"answer\": 3}",
                "{\"id\": \"c\", \"q\": \"The sea\", \"choices\": null, \"answer\": 1}",
                "{\"id\": \"d\", \"q\": \"The sea\", \"choices\": [\"is\", null], \"answer\": 1}",
                "not json at all",
                "{\"id\": \"f\", \"q\": null, \"choices\": [\"is\"], \"answer\": 1}",
                "{\"id\": \"g\", \"q\": \"The sea\", \"choices\": [\"is\", \"was\"], \"answer\": null}");
        Path output = folder.resolve("out");
        RunResult result = run(ChoiceTask.parse(OWN, "own"), input, output, 2, 64, List.of());

        assertThat(result.rows()).isEqualTo(7);
        assertThat(result.errors()).containsOnlyKeys("malformed_row", "null_input");
        List<Row> errors = table(output, "choice_scores")
                .where("error_class IS NOT NULL")
                .orderBy("error_message")
                .collectAsList();
        assertThat(errors).hasSize(6);
        for (int i = 0; i < 6; i++) {
            assertThat(errors.get(i).<String>getAs("error_message")).contains("in.jsonl, line " + (i + 2) + ": ");
            assertThat(errors.get(i).<Integer>getAs("acc")).isNull();
        }
        assertThat(errors.getFirst().<String>getAs("error_message")).contains("choice 3", "there are 2 choices");
        assertThat(table(output, "choice_summary").head().<Long>getAs("items")).isEqualTo(1);
    }

    @Test
    void groupsMicroAndMacro() {
        Path input = write(
                "in.jsonl",
                "{\"q\": \"The sea\", \"choices\": [\"is\", \"xq zq\"], \"answer\": 1, \"set\": \"x\"}",
                "{\"q\": \"The king\", \"choices\": [\"is\", \"xq zq\"], \"answer\": 1, \"set\": \"x\"}",
                "{\"q\": \"The man\", \"choices\": [\"is\", \"xq zq\"], \"answer\": 2, \"set\": \"y\"}",
                "{\"q\": \"The whale\", \"choices\": [\"is\", \"xq zq\"], \"answer\": 1, \"set\": \"y\"}",
                "{\"q\": \"The house\", \"choices\": [\"is\", \"xq zq\"], \"answer\": 1, \"set\": \"y\"}");
        Path output = folder.resolve("out");
        run(ChoiceTask.parse(OWN, "own"), input, output, 2, 64, List.of("set"));

        List<Row> rows = rows(table(output, "choice_summary"), "level", "set", "items", "acc", "acc_stderr");
        assertThat(rows).extracting(row -> row.getString(0)).containsExactly("group", "group", "macro", "micro");
        assertThat(rows.get(0).getDouble(3)).isEqualTo(1);
        assertThat(rows.get(0).getDouble(4)).isZero();
        assertThat(rows.get(1).getDouble(3)).isEqualTo(2 / 3.0);
        assertThat(rows.get(1).getDouble(4)).isCloseTo(1 / 3.0, within(1e-15));
        assertThat(rows.get(2).getDouble(3)).isEqualTo((1 + 2 / 3.0) / 2);
        assertThat(rows.get(2).getDouble(4)).isCloseTo(1 / 6.0, within(1e-15));
        assertThat(rows.get(3).getDouble(3)).isEqualTo(0.8);
        assertThat(rows.get(3).getDouble(4)).isCloseTo(0.2, within(1e-15));
    }

    @Test
    void theWordOfAClozeIsRightIfItIsGreedyAndHasAPerplexity() throws IOException {
        Path output = folder.resolve("out");
        run(task("lambada"), data("lambada"), output, 2, 64, List.of());

        Row expected = table(output, "choice_scores")
                .selectExpr("avg(CAST(greedy[0] AS INT))", "exp(-avg(log_likelihoods[0]))")
                .head();
        Row summary = table(output, "choice_summary").head();
        assertThat(summary.<Double>getAs("acc")).isEqualTo(expected.getDouble(0));
        assertThat(summary.<Double>getAs("perplexity"))
                .isCloseTo(expected.getDouble(1), within(1e-12 * expected.getDouble(1)));
        assertThat(summary.<Double>getAs("perplexity_stderr")).isPositive();
    }

    @Test
    void anInputWithoutTheColumnsOfTheTaskIsRefused() throws IOException {
        assertThatThrownBy(() -> run(task("piqa"), data("arc_easy"), folder.resolve("out"), 1, 64, List.of()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("goal");
        Path input = write("in.jsonl", "{\"q\": \"a\", \"choices\": \"b\", \"answer\": 1}");
        assertThatThrownBy(() -> run(ChoiceTask.parse(OWN, "own"), input, folder.resolve("out"), 1, 64, List.of()))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll("choices", "string", "list of texts");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void aResumedRunDoesWhatIsMissingUnderTheSameTaskOnly() throws IOException {
        Path input = write(
                "in.jsonl", Files.readString(data("piqa")).lines().limit(3).toArray(String[]::new));
        Path output = folder.resolve("out");
        run(task("piqa"), input, output, 1, 64, List.of());
        write("in.jsonl", Files.readString(data("piqa")).lines().toArray(String[]::new));
        ResumePolicy goOn = ResumePolicy.RESUME;

        RunResult resumed = new JobRunner(
                        request(task("piqa"), input, output, 2, goOn), new ChoiceJob(options(task("piqa"), 3)))
                .check()
                .execute(spark);

        assertThat(resumed.rows()).isEqualTo(6);
        assertThat(resumed.digest())
                .isEqualTo(run(task("piqa"), input, folder.resolve("fresh"), 1, 64, List.of())
                        .digest());
        ChoiceTask other = ChoiceTask.parse(task("piqa").source().replace("Answer:", "A:"), "other");
        assertThatThrownBy(
                        () -> new JobRunner(request(other, input, output, 2, goOn), new ChoiceJob(options(other, 64)))
                                .check()
                                .execute(spark))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("task-file");
    }

    @Test
    void wrongOptionsAreRefusedBeforeSparkStarts() throws IOException {
        ChoiceTask task = task("piqa");
        RunArguments request = request(task, data("piqa"), folder.resolve("out"), 1, ResumePolicy.NEW);
        assertThatThrownBy(() -> new JobRunner(
                                request,
                                new ChoiceJob(new ChoiceOptions(
                                        task, OptionalInt.empty(), "some", List.of(), 64, Fewshot.NONE)))
                        .check())
                .hasMessageContainingAll("--prefix", "empty, every");
        assertThatThrownBy(() -> new JobRunner(
                                request,
                                new ChoiceJob(new ChoiceOptions(
                                        task, OptionalInt.of(0), "empty", List.of(), 64, Fewshot.NONE)))
                        .check())
                .hasMessageContaining("--context is 0");
    }

    private static ChoiceTask task(String name) throws IOException {
        return ChoiceTask.parse(
                Files.readString(projectRoot().resolve("conf/tasks").resolve(name + ".yaml")), name);
    }

    private static Path data(String name) {
        return projectRoot().resolve("datasets/choice").resolve(name + ".jsonl");
    }

    private static ChoiceOptions options(ChoiceTask task, int batchSize) {
        return new ChoiceOptions(task, OptionalInt.empty(), "empty", List.of(), batchSize, Fewshot.NONE);
    }

    private static RunResult run(
            ChoiceTask task, Path input, Path output, int partitions, int batchSize, List<String> groupBy) {
        return new JobRunner(
                        request(task, input, output, partitions, ResumePolicy.NEW),
                        new ChoiceJob(new ChoiceOptions(
                                task, OptionalInt.empty(), "empty", groupBy, batchSize, Fewshot.NONE)))
                .check()
                .execute(spark);
    }

    private static RunArguments request(ChoiceTask task, Path input, Path output, int partitions, ResumePolicy resume) {
        return new RunArguments(
                "choice",
                ModelLocation.of(model()),
                new InputSpec(
                        input.toString(),
                        Optional.empty(),
                        task.text(),
                        Optional.empty(),
                        List.of(),
                        OptionalLong.empty(),
                        RequestSpec.NONE),
                output.toString(),
                OptionalInt.of(partitions),
                resume,
                RowLimits.NONE,
                line -> {});
    }
}
