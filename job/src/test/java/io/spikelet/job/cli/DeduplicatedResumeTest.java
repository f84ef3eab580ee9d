package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** {@code --deduplicate} with {@code --resume}, after rows came, went and changed. */
final class DeduplicatedResumeTest extends SparkTest {
    @Test
    void resumedRowsAndMarksAreThoseOfOneRunWhateverBecameOfTheOriginals() {
        Path input = write(
                "in.jsonl",
                row("p1", "gone"), // the original is removed
                row("p2", "gone"),
                row("p3", "gone"),
                row("q1", "edited"), // the original is edited
                row("q2", "edited"),
                row("s1", "joined"), // a duplicate is added
                row("t2", "led"), // an original is added
                row("u1", "alone"));
        Path output = folder.resolve("out");
        generate(input, output);
        Row first = table(output, "runs").head();
        write(
                "in.jsonl",
                row("p2", "gone"),
                row("p3", "gone"),
                row("q1", "changed"),
                row("q2", "edited"),
                row("s1", "joined"),
                row("s2", "joined"),
                row("t1", "led"),
                row("t2", "led"),
                row("u1", "alone"));

        generate(input, output, "--resume");
        generate(input, folder.resolve("fresh"));

        assertThat(rows(table(output, "completions"), "row_id", "sample_index", "duplicate_of").stream()
                        .filter(row -> row.getInt(1) == 1)
                        .map(row -> row.get(0) + " " + row.get(2)))
                .containsExactly(
                        "p2 null", "p3 p2", "q1 null", "q2 null", "s1 null", "s2 s1", "t1 null", "t2 t1", "u1 null");
        assertThat(digest(output)).isEqualTo(digest(folder.resolve("fresh")));
        assertThat(rows(
                        table(output, "completions")
                                .where("sample_index = 0 AND run_id = '" + first.<String>getAs("run_id") + "'"),
                        "row_id"))
                .as("rows that did not change are not done again")
                .extracting(row -> row.getString(0))
                .containsExactly("s1", "u1");
    }

    private static String digest(Path output) {
        return rows(table(output, "runs"), "started_at", "result_digest")
                .getLast()
                .getString(1);
    }

    private static String row(String id, String word) {
        return "{\"id\": \"" + id + "\", \"prompt\": \"And the LORD was " + word + "\"}";
    }

    private static void generate(Path input, Path output, String... more) {
        Object[] fixed = {
            "generate", "--model", model(), "--input", input, "--output", output, "--deduplicate", "--samples", "2"
        };
        Invocation done = Invocation.of(Stream.of(Stream.of(fixed), Stream.of("--max-new-tokens", "4"), Stream.of(more))
                .flatMap(words -> words)
                .toArray());
        assertThat(done.status()).as(done.err()).isZero();
    }
}
