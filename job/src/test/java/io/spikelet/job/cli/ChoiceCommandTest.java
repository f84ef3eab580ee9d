package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

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
        assertThat(choice.out()).contains("acc_norm_stderr", "piqa", "micro");
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

    private static Invocation choice(String task, Path output) {
        return Invocation.of(
                "choice",
                "--model",
                model(),
                "--task",
                task,
                "--input",
                projectRoot().resolve("datasets/choice/piqa.jsonl"),
                "--output",
                output);
    }
}
