package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.junit.jupiter.api.Test;

/**
 * The Spark jobs that a command starts on a few rows. Each costs some milliseconds of planning, scheduling and listening, which is
 * most of what a small command takes: a new one should be worth it.
 */
final class SparkJobCountTest extends SparkTest {
    @Test
    void aCommandStartsFewJobs() throws TimeoutException {
        Path input = write(
                "in.jsonl",
                "{\"id\": \"a\", \"group\": \"x\", \"text\": \"And God said, Let there be light\"}",
                "{\"id\": \"b\", \"group\": \"y\", \"text\": \"The whale rose\"}");
        Path completions = folder.resolve("completions");
        Path scores = folder.resolve("scores");
        assertThat(jobs(
                        "generate",
                        "--model",
                        model(),
                        "--input",
                        input,
                        "--prompt-column",
                        "text",
                        "--output",
                        completions))
                .as("generate")
                .hasSizeLessThanOrEqualTo(9);
        assertThat(jobs("perplexity", "--model", model(), "--input", input, "--group-by", "group", "--output", scores))
                .as("perplexity")
                .hasSizeLessThanOrEqualTo(11);
        assertThat(jobs("report", scores, "-o", folder.resolve("report.html")))
                .as("report")
                .hasSizeLessThanOrEqualTo(19);
        assertThat(jobs("sql", "--results", scores, "SELECT count(*) FROM document_scores"))
                .as("sql")
                .hasSizeLessThanOrEqualTo(1);
    }

    /** Where the code stands that has started each job. */
    private static List<String> jobs(Object... command) throws TimeoutException {
        List<String> jobs = Collections.synchronizedList(new ArrayList<>());
        SparkListener listener = new SparkListener() {
            @Override
            public void onJobStart(SparkListenerJobStart start) {
                jobs.add(start.stageInfos().last().name());
            }
        };
        spark.sparkContext().addSparkListener(listener);
        try {
            Invocation invocation = Invocation.of(command);
            assertThat(invocation.status()).as(invocation.err()).isZero();
            spark.sparkContext().listenerBus().waitUntilEmpty(60_000);
        } finally {
            spark.sparkContext().removeSparkListener(listener);
        }
        System.out.println(command[0] + ": " + jobs.size() + " Spark jobs: " + jobs);
        return jobs;
    }
}
