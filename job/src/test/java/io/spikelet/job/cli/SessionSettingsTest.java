package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** What rows are called and what is sampled for them is not up to how a session prints values. */
final class SessionSettingsTest extends SparkTest {
    private static final String ZONE = "spark.sql.session.timeZone";
    private static final String NULLS = "spark.sql.jsonGenerator.ignoreNullFields";

    @Test
    void idsTextsDigestAndResumptionAreThoseOfEverySession() {
        Path first = folder.resolve("first");
        Path second = folder.resolve("second");
        generate(first, ZONE + "=UTC", NULLS + "=true");
        List<Row> runs = rows(table(first, "runs"), "run_id");
        try {
            generate(second, ZONE + "=Asia/Kathmandu", NULLS + "=false");
            generate(first, ZONE + "=Asia/Kathmandu", NULLS + "=false", "--resume");
        } finally {
            spark.conf().set(ZONE, "UTC");
            spark.conf().unset(NULLS);
        }

        String[] results = {"row_id", "sample_index", "completion", "completion_token_ids", "content_sha256"};
        List<Row> made = rows(table(first, "completions"), results);
        assertThat(made).extracting(row -> row.getString(0)).as("a hash each").noneMatch(id -> id.contains("-"));
        assertThat(made).extracting(row -> row.getString(2)).as("sampled").doesNotHaveDuplicates();
        assertThat(rows(table(second, "completions"), results)).isEqualTo(made);
        assertThat(digests(second)).isEqualTo(digests(first)).hasSize(1);
        assertThat(rows(table(first, "runs"), "run_id"))
                .as("nothing was left to do")
                .isEqualTo(runs);
    }

    private static List<String> digests(Path output) {
        return rows(table(output, "runs"), "result_digest").stream()
                .map(row -> row.getString(0))
                .toList();
    }

    private static void generate(Path output, String zone, String nulls, String... more) {
        Path input = projectRoot().resolve("job/src/test/resources/cases/x1/us");
        Object[] words = {
            "generate",
            "--model",
            model(),
            "--input",
            input,
            "--output",
            output,
            "--conf",
            zone,
            "--conf",
            nulls,
            "--max-new-tokens",
            "6",
            "--samples",
            "2",
            "--temperature",
            "1.5"
        };
        Invocation done =
                Invocation.of(Stream.concat(Stream.of(words), Stream.of(more)).toArray());
        assertThat(done.status()).as(done.err()).isZero();
    }
}
