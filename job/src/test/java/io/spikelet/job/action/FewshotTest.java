package io.spikelet.job.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.job.SparkTest;
import io.spikelet.job.UsageException;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.plan.RequestSpec;
import io.spikelet.job.task.ChoiceTask;
import io.spikelet.job.task.RowLimits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** The examples before the items of a multiple choice. */
final class FewshotTest extends SparkTest {
    private static final ChoiceTask TASK = ChoiceTask.parse("""
            name: own
            description: texts as they are
            text: q
            context: "{q}"
            choices: choices
            answer: {column: answer, from: 1}
            fewshot_delimiter: " | "
            """, "own");

    private static final String[] ITEMS = {
        item("a", "The sea", "is", "was", 2), item("b", "The king", "said", "went", 1), item("c", "He", "is", "saw", 1)
    };

    private static final String[] POOL = {
        item("p", "The whale", "rose", "sang", 1),
        item("q", "The boat", "flew", "sank", 2),
        item("r", "The LORD", "said", "swam", 1),
        item("s", "The hill", "ran", "stood", 2),
    };

    @Test
    void theModelReadsTheExamplesAndTheirAnswersBeforeEveryContext() {
        List<String> drawn = new Fewshot(
                        2, 7, Optional.of(write("pool.jsonl", POOL).toString()))
                .draw(spark, TASK, folder.resolve("in.jsonl").toString());
        assertThat(drawn)
                .hasSize(2)
                .doesNotHaveDuplicates()
                .isSubsetOf("The whale rose", "The boat sank", "The LORD said", "The hill stood");
        String before = drawn.get(0) + " | " + drawn.get(1) + " | ";
        Path written = write(
                "written.jsonl",
                item("a", before + "The sea", "is", "was", 2),
                item("b", before + "The king", "said", "went", 1),
                item("c", before + "He", "is", "saw", 1));

        run(write("in.jsonl", ITEMS), "few", 1, 64, fewshot(2, 7));
        run(written, "written", 1, 64, Fewshot.NONE);

        String[] scores = {"row_id", "log_likelihoods", "greedy", "predicted", "acc"};
        assertThat(rows(table(folder.resolve("few"), "choice_scores"), scores))
                .isEqualTo(rows(table(folder.resolve("written"), "choice_scores"), scores));
        assertThat(table(folder.resolve("few"), "choice_scores")
                        .selectExpr("explode(contexts) AS context")
                        .distinct()
                        .collectAsList())
                .as("the item's own text")
                .extracting(row -> row.getString(0))
                .containsExactlyInAnyOrder("The sea", "The king", "He");
        Row run = table(folder.resolve("few"), "runs").head();
        assertThat(run.<String>getAs("configuration"))
                .contains("\"num-fewshot\":2", "\"fewshot-seed\":7", "\"fewshot-split\":\"" + folder);
        assertThat(run.<String>getAs("fingerprint")).contains("\"fewshot-examples\":\"" + before + "\"");
    }

    @Test
    void neitherBatchesNorPartitionsNorTheOrderOfThePoolChangeARow() {
        Path input = write("in.jsonl", ITEMS);
        write("pool.jsonl", POOL);
        List<String> digests = new ArrayList<>();
        digests.add(run(input, "a", 1, 64, fewshot(3, 1)).digest());
        digests.add(run(input, "b", 3, 1, fewshot(3, 1)).digest());
        List<String> shuffled = new ArrayList<>(List.of(POOL));
        Collections.shuffle(shuffled, new Random(5));
        write("pool.jsonl", shuffled.toArray(String[]::new));
        digests.add(run(input, "c", 2, 7, fewshot(3, 1)).digest());

        assertThat(digests).containsOnly(digests.getFirst());
        assertThat(run(input, "d", 1, 64, Fewshot.NONE).digest()).isNotEqualTo(digests.getFirst());
    }

    @Test
    void anItemThatIsAmongTheExamplesIsAnErrorAndCostsNoOther() {
        write("pool.jsonl", POOL);
        Path input = write("in.jsonl", ITEMS[0], POOL[1], ITEMS[1]);

        RunResult result = run(input, "out", 2, 64, fewshot(4, 1));

        assertThat(result.errors()).containsOnlyKeys("malformed_row").containsValue(1L);
        Row error = table(folder.resolve("out"), "choice_scores")
                .where("error_class IS NOT NULL")
                .head();
        assertThat(error.<String>getAs("row_id")).isEqualTo("q");
        assertThat(error.<String>getAs("error_message")).contains("is one of the examples", "--fewshot-split");
    }

    @Test
    void aPoolThatIsTooSmallOrTheInputItselfOrOfOtherColumnsIsRefused() {
        Path input = write("in.jsonl", ITEMS);
        write("pool.jsonl", POOL[0], POOL[1], POOL[0], "{\"q\": null}");
        refused(input, fewshot(3, 1), "pool.jsonl cannot be used", "2 different items", "--num-fewshot is 3");
        refused(input, new Fewshot(1, 1, Optional.of(input.toString())), "is --input itself");
        refused(input, new Fewshot(1, 1, Optional.empty()), "names no file of examples", "--fewshot-split");
        refused(
                input,
                new Fewshot(1, 1, Optional.of(folder.resolve("none.jsonl").toString())),
                "does not exist");
        write("pool.jsonl", "{\"q\": \"a\", \"choices\": \"b\", \"answer\": 1}");
        refused(input, fewshot(1, 1), "pool.jsonl cannot be used", "choices", "list of texts");
        write("pool.jsonl", item("p", "a", "b", "c", 3));
        refused(input, fewshot(1, 1), "the item p cannot be an example", "there are 2 choices");
        assertThatThrownBy(() -> new Fewshot(-1, 1, Optional.empty())).hasMessageContaining("--num-fewshot is -1");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    private void refused(Path input, Fewshot fewshot, String... parts) {
        assertThatThrownBy(() -> run(input, "out", 1, 64, fewshot))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll(parts);
    }

    private Fewshot fewshot(int number, long seed) {
        return new Fewshot(
                number, seed, Optional.of(folder.resolve("pool.jsonl").toString()));
    }

    private RunResult run(Path input, String output, int partitions, int batchSize, Fewshot fewshot) {
        RunArguments request = new RunArguments(
                "choice",
                ModelLocation.of(model()),
                new InputSpec(
                        input.toString(),
                        Optional.empty(),
                        TASK.text(),
                        Optional.empty(),
                        List.of(),
                        OptionalLong.empty(),
                        RequestSpec.NONE),
                folder.resolve(output).toString(),
                OptionalInt.of(partitions),
                ResumePolicy.NEW,
                RowLimits.NONE,
                line -> {});
        ChoiceOptions options = new ChoiceOptions(TASK, OptionalInt.empty(), "empty", List.of(), batchSize, fewshot);
        return new JobRunner(request, new ChoiceJob(options)).check().execute(spark);
    }

    private static String item(String id, String question, String first, String second, int answer) {
        return "{\"id\": \"" + id + "\", \"q\": \"" + question + "\", \"choices\": [\"" + first + "\", \"" + second
                + "\"], \"answer\": " + answer + "}";
    }
}
