package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** What rows can hold that is not meant for anybody, from the input to the tables. */
final class HostileRowsTest extends SparkTest {
    private static final String GOOD = "{\"id\": \"good\", \"prompt\": \"And the LORD\"}";

    @Test
    void keysThatAreTakenReachTheTableUnderAnotherName() {
        Path input = write(
                "in.jsonl",
                GOOD,
                "{\"id\": \"odd\", \"prompt\": \"The\", \"ID\": 1, \"PROMPT\": 2, \"\": 3, \"__spikelet_x\": 4,"
                        + " \"__spikelet_text\": 5, \"__spikelet_slice\": 6, \"__spikelet_attempt\": 7}");
        Path output = folder.resolve("out");

        Invocation run = generate(input, output, "--partitions", "2");

        assertThat(run.status()).as(run.err()).isZero();
        List<Row> odd = rows(
                table(output, "completions").where("row_id = 'odd'"),
                "error_class",
                "ID_2",
                "PROMPT_2",
                "unnamed",
                "spikelet_x",
                "spikelet_text",
                "spikelet_slice",
                "spikelet_attempt");
        assertThat(odd).extracting(Row::mkString).containsExactly("null1234567");
        Invocation again = generate(input, output, "--resume");
        assertThat(again.status()).as(again.err()).isZero();
    }

    /** A value of a megabyte is in no message. */
    @Test
    void messagesOfRowsAreShort() {
        String filler = "y".repeat(1 << 20);
        Path input = write(
                "in.jsonl",
                GOOD,
                "{\"id\": \"temperature\", \"prompt\": \"The\", \"temperature\": \"" + filler + "\"}",
                "{\"id\": \"stop\", \"prompt\": \"The\", \"stop\": [1, \"" + filler + "\"]}",
                "{\"id\": \"number\", \"prompt\": \"The\", \"temperature\": " + "7".repeat(1 << 20) + "}",
                "{\"id\": \"text\", \"prompt\": [\"" + filler + "\"]}",
                "{\"id\": \"twice\", \"" + filler + "\": 1, \"" + filler + "\": 2}",
                "{\"id\": \"blanks\", \"temperature\": \"a" + " ".repeat(50_000) + "b\", \"prompt\": \"The\"}",
                "{\"id\": \"cut\", \"prompt\": \"" + filler,
                filler);
        Path output = folder.resolve("out");

        Invocation run = generate(input, output, "--override-columns", "temperature,stop", "--drop-columns", "stop");

        assertThat(run.status()).as(run.err()).isZero();
        List<Row> failed =
                rows(table(output, "completions").where("error_class IS NOT NULL"), "row_id", "error_message");
        assertThat(failed)
                .hasSize(8)
                .allSatisfy(row -> assertThat(row.getString(1)).isNotBlank().hasSizeLessThan(2000));
        assertThat(run.err()).hasSizeLessThan(2000);
    }

    private static Invocation generate(Path input, Path output, String... more) {
        Object[] fixed = {"generate", "--model", model(), "--input", input, "--output", output, "--max-new-tokens", "1"
        };
        Object[] words = new Object[fixed.length + more.length];
        System.arraycopy(fixed, 0, words, 0, fixed.length);
        System.arraycopy(more, 0, words, fixed.length, more.length);
        return Invocation.of(words);
    }
}
