package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class ChoiceCommandTest extends SparkTest {
    @Test
    void tasksAreListedWithoutAnyOtherOption() {
        Invocation list = Invocation.of("choice", "--task", "list");

        assertThat(list.status()).as(list.err()).isZero();
        assertThat(list.out().lines()).contains("arc_easy", "piqa", "lambada").isSorted();
    }

    @Test
    void aTaskByNamePrintsItsSummary() {
        Path output = folder.resolve("out");
        Invocation choice = choice("piqa", output);

        assertThat(choice.status()).as(choice.err()).isZero();
        assertThat(choice.out().lines()).hasSize(3);
        assertThat(choice.out()).contains("acc_norm_stderr", "piqa", "micro").doesNotContain("perplexity");
        assertThat(choice.err()).contains("choice: 6 rows, none failed");
        assertThat(table(output, "runs").head().<String>getAs("configuration"))
                .contains("\"task\":\"piqa\"", "\"prefix\":\"empty\"");
    }

    @Test
    void aTaskThatIsNotThereIsOneLineWithThoseThatAre() {
        Invocation unknown = choice("chess", folder.resolve("out"));
        assertThat(unknown.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(unknown.err())
                .contains("--task chess", "arc_challenge, arc_easy, boolq")
                .hasLineCount(1);

        Invocation absent = choice(folder.resolve("own.yaml").toString(), folder.resolve("out"));
        assertThat(absent.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(absent.err()).contains("is no file");
    }

    /** The filter of this task looks for the end of every bracket: with a time that is the square it would take minutes. */
    @Test
    @Timeout(120)
    void aContextOfAHundredThousandBracketsCostsNoOtherItem() {
        String item = "{\"id\": \"%s\", \"activity_label\": \"Rowing\", \"ctx_a\": \"%s\", \"ctx_b\": \"he\","
                + " \"endings\": [\"rows.\", \"sings.\"], \"label\": \"0\"}";
        Path input = write(
                "in.jsonl",
                item.formatted("brackets", "[".repeat(100_000)),
                item.formatted("good", "A man sits in a small boat."),
                item.formatted("more", "A [title] of [step] things.".repeat(4_000)));
        Path output = folder.resolve("out");

        Invocation choice = choice("hellaswag", input, output, "--row-timeout", "30");

        assertThat(choice.status()).as(choice.err()).isZero();
        assertThat(rows(table(output, "choice_scores"), "row_id", "error_class"))
                .extracting(row -> row.mkString(" "))
                .as("contexts, of which the end is read")
                .containsExactly("brackets null", "good null", "more null");
    }

    private static Invocation choice(String task, Path output) {
        return choice(task, projectRoot().resolve("datasets/choice/piqa.jsonl"), output);
    }

    private static Invocation choice(String task, Path input, Path output, String... more) {
        List<Object> words = new ArrayList<>(List.of("choice", "--model", model(), "--task", task));
        words.addAll(List.of("--input", input, "--output", output));
        words.addAll(List.of(more));
        return Invocation.of(words.toArray());
    }
}
