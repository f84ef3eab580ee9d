package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Secrets of Spark's configuration, and passwords in addresses, in all that a run says and leaves behind. */
final class SecretsTest extends SparkTest {
    @Test
    void secretsAreNeitherInErrorsNorInTablesNorInReports() throws IOException {
        String secret = "wJalrXUtnFEMI-K7MDENG";
        Path output = folder.resolve("out");
        String[] conf = {"--conf", "spark.hadoop.fs.s3a.secret.key=" + secret};
        Path input = write("in.jsonl", "{\"prompt\": \"And the LORD\"}", "{\"prompt\": \"\"}");
        List<Object> generate = List.of("generate", "--model", model(), "--max-new-tokens", "2", conf[0], conf[1]);

        Invocation failed = with(generate, "--input", folder.resolve(secret + ".jsonl"), "--output", output);
        Invocation done = with(generate, "--input", input, "--output", output, "--stop", "s3a://key:pw1@bucket/x");
        Path page = folder.resolve("report.html");
        Invocation report = Invocation.of("report", output, "-o", page, conf[0], conf[1]);

        assertThat(failed.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(failed.err()).contains("*********(redacted).jsonl does not exist");
        assertThat(done.status()).as(done.err()).isZero();
        assertThat(report.status()).as(report.err()).isZero();
        String tables = table(output, "runs").toJSON().collectAsList() + Files.readString(page);
        assertThat(tables).contains("s3a://key:*********(redacted)@bucket/x");
        for (String told : List.of(failed.err(), done.out(), done.err(), report.out(), report.err(), tables)) {
            assertThat(told).doesNotContain(secret).doesNotContain("pw1");
        }
    }

    private static Invocation with(List<Object> words, Object... more) {
        List<Object> all = new ArrayList<>(words);
        all.addAll(List.of(more));
        return Invocation.of(all.toArray());
    }
}
