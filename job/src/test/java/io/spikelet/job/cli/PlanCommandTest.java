package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.spikelet.job.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
                        "shards: 3 on 2 cores",
                        "batch: 4 rows",
                        "memory per executor: heap ",
                        "prompt:\n  Q: And the LORD said\n  A:\n",
                        "  Q: The whale came up\n");
        assertThat(number(plan.out(), "prompt tokens: about (\\d+)")).isBetween(10.0, 60.0);
        assertThat(number(plan.out(), ", ([0-9.]+) new tokens/s")).isPositive();
        assertTimes(plan.out());
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(folder.resolve("in"));
        }
    }

    @Test
    void everyCommandOverRowsPlansItselfInADryRun() throws IOException {
        Path input = write(
                "in/rows.jsonl",
                "{\"id\": \"a\", \"goal\": \"And the LORD said\", \"sol1\": \"Go.\", \"sol2\": \"No.\", \"label\": 0}",
                "{\"id\": \"b\", \"goal\": \"The whale came up\", \"sol1\": \"Go.\", \"sol2\": \"No.\", \"label\": 0}",
                "{\"id\": \"c\", \"goal\": null, \"sol1\": \"Go.\", \"sol2\": \"No.\", \"label\": 0}");

        String documents = dryRun("perplexity", input, "--text-column", "goal", "--protocol", "document,stream");
        String items = dryRun("choice", input, "--task", "piqa", "--partitions", "5");
        String prompts = dryRun("generate", input, "--prompt-column", "goal", "--max-new-tokens", "3");
        String comparisons = dryRun("compare", input, "--text-column", "goal", "--baseline", model().toString());

        for (String plan : List.of(documents, items, comparisons)) {
            assertThat(plan)
                    .contains("rows: 3, of which 1 are errors", "in a sample of 2 ", "; 0 of the sample failed");
            assertThat(number(plan, "\ntokens: about (\\d+)")).isPositive();
            assertThat(number(plan, "heap (\\d+) MB for")).isPositive();
            assertThat(number(plan, "speed of a task: (\\d+) tokens/s")).isPositive();
            assertTimes(plan);
        }
        assertThat(documents).contains("requests: 2 documents", "shards: 3 on 2 cores", "text:\n  And the LORD said\n");
        assertThat(items)
                .contains("requests: 2 items", "shards: 5 on 2 cores")
                .contains(
                        "text:\n  Question: And the LORD said\n  Answer: Go.\n  Question: And the LORD said\n  Answer: No.");
        assertThat(prompts).contains("requests: 2 prompts", "new tokens: at most 6", "prompt:\n  And the LORD said\n");
        Path requests = write(
                "in/batch.data",
                "{\"custom_id\": \"a\", \"url\": \"/v1/completions\", \"body\": {\"prompt\": [[5, 6], [5, 6, 7, 8]]}}");
        assertThat(dryRun("generate", requests, "--format", "openai-batch", "--max-prompt-tokens", "3"))
                .contains("prompt tokens: about 2; in a sample of 2 on average 2.0, at most 2; 1 of the sample failed");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(folder.resolve("in"));
        }
        MainTest.assertRefused(
                Invocation.of(
                        "perplexity",
                        "--model",
                        model(),
                        "--input",
                        input,
                        "--text-column",
                        "goal",
                        "--output",
                        folder.resolve("out"),
                        "--group-by",
                        "colour",
                        "--dry-run"),
                "--group-by colour");
    }

    private String dryRun(String command, Path input, String... more) {
        Object[] fixed = {command, "--dry-run", "--model", model(), "--input", input, "--output", folder.resolve("out")
        };
        Invocation plan =
                Invocation.of(Stream.concat(Stream.of(fixed), Stream.of(more)).toArray());
        assertThat(plan.status()).as(plan.err()).isZero();
        return plan.out();
    }

    @Test
    void refusesWhatGenerateWouldRefuse() {
        Path input = write("in.jsonl", "{\"id\": \"a\", \"question\": \"Who?\"}");

        MainTest.assertRefused(
                Invocation.of("plan", "--model", model(), "--input", input), "no column prompt", "question");
        MainTest.assertRefused(
                Invocation.of("plan", "--model", model(), "--input", input, "--template", "{q}"), "no column q");
        MainTest.assertRefused(
                Invocation.of("plan", "--model", model(), "--input", input, "--top-p", "2"), "--top-p is 2.0");
    }

    /** A range that includes the start of Spark, the steps before and after the work, and the warm-up of the JVM. */
    private static void assertTimes(String plan) {
        String time = "((?:\\d+ min )?\\d+ s)";
        double start = number(plan, "start of Spark ([0-9.]+) s");
        double steps = number(plan, "writing the tables ([0-9.]+) to");
        double mostSteps = number(plan, "writing the tables [0-9.]+ to ([0-9.]+) s");
        double least = seconds(plan, "writing the tables .* s, [a-z ]+ " + time);
        double most = seconds(plan, "writing the tables .* s, [a-z ]+ .* to " + time);
        assertThat(steps).isPositive().isLessThan(mostSteps);
        assertThat(least).isLessThan(most);
        assertThat(most).as("with the warm-up").isGreaterThanOrEqualTo(10);
        assertThat(seconds(plan, "expected time: " + time)).isCloseTo(start + steps + least, within(1.2));
        assertThat(seconds(plan, "expected time: .*? to " + time)).isCloseTo(start + mostSteps + most, within(1.2));
    }

    /** Of a time such as 1 min 32 s. */
    private static double seconds(String text, String pattern) {
        String[] parts = found(text, pattern).replace(" s", "").split(" min ");
        return parts.length == 1
                ? Double.parseDouble(parts[0])
                : 60 * Double.parseDouble(parts[0]) + Double.parseDouble(parts[1]);
    }

    private static double number(String text, String pattern) {
        return Double.parseDouble(found(text, pattern));
    }

    private static String found(String text, String pattern) {
        var matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return matcher.group(1);
    }
}
