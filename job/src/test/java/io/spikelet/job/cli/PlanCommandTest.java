package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The dry run. */
final class PlanCommandTest extends SparkTest {
    @Test
    void saysWhatWouldBeDoneAndWritesNothing() throws IOException {
        Path input = write(
                "in/rows.jsonl",
                "{\"id\": \"a\", \"question\": \"And the LORD said\"}",
                "{\"id\": \"b\", \"question\": \"And the LORD said\"}",
                "{\"id\": \"c\", \"question\": \"The whale came up\"}",
                "{\"id\": \"d\", \"question\": null}");

        Invocation plan = Invocation.of(
                "plan",
                "--model",
                model(),
                "--input",
                input,
                "--output",
                folder.resolve("out"),
                "--template",
                "Q: {question}\\nA:",
                "--samples",
                "5",
                "--deduplicate",
                "--max-new-tokens",
                "7",
                "--partitions",
                "3",
                "--batch-size",
                "4");

        assertThat(plan.status()).as(plan.err()).isZero();
        assertThat(plan.out())
                .contains(
                        "rows: 4, of which 1 are errors",
                        "requests: 2 prompts, 10 completions",
                        "new tokens: at most 70, 7 for each",
                        "partitions: 3 in each of 1 slices, on 2 cores",
                        "batch: 4 rows",
                        "memory per executor: heap ",
                        "prompt:\n  Q: And the LORD said\n  A:\n",
                        "  Q: The whale came up\n");
        assertThat(number(plan.out(), "prompt tokens: about (\\d+)")).isBetween(10.0, 60.0);
        assertThat(number(plan.out(), ", ([0-9.]+) new tokens/s")).isPositive();
        assertThat(number(plan.out(), "expected time: ([0-9.]+) s")).isNotNegative();
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(folder.resolve("in"));
        }
    }

    @Test
    void refusesWhatGenerateWouldRefuse() {
        Path input = write("in.jsonl", "{\"id\": \"a\", \"question\": \"Who?\"}");

        SpikeletTest.assertRefused(
                Invocation.of("plan", "--model", model(), "--input", input), "no column prompt", "question");
        SpikeletTest.assertRefused(
                Invocation.of("plan", "--model", model(), "--input", input, "--template", "{q}"), "no column q");
        SpikeletTest.assertRefused(
                Invocation.of("plan", "--model", model(), "--input", input, "--top-p", "2"), "--top-p is 2.0");
    }

    private static double number(String text, String pattern) {
        var matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return Double.parseDouble(matcher.group(1));
    }
}
