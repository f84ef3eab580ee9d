package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.LiteralPath;
import io.spikelet.job.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every path of every command in a folder whose name is a pattern and a time, beside folders that the pattern would match. */
@Tag("cluster") // every command once takes more than ten seconds
final class LiteralPathsTest extends SparkTest {
    private static final String ODD = "a?b/run[1] x{a}/2024-05-01T10:30:00";
    private static final String MATCHED = "axb/run1 xa/2024-05-01T10:30:00";

    private static final String ROW = "{\"id\": \"%s\", \"prompt\": \"And the king\", \"text\": \"And the king said.\","
            + " \"one\": \" and\", \"two\": \" xyz\", \"label\": 0}";

    private static final String TASK = """
            name: own
            description: texts as they are
            text: text
            context: "{text}"
            choices: ["{one}", "{two}"]
            answer: {column: label, from: 0}
            """;

    private Path odd;

    @Test
    void everyCommandTakesItsPathsAsTheyStandThere() throws IOException {
        odd = folder.resolve(ODD);
        for (String name : List.of(ODD, MATCHED)) {
            write(name + "/in.jsonl", name.equals(ODD) ? ROW.formatted("own-row") : ROW.formatted("other-row"));
            write(name + "/texts/a[1].txt", "And the king said.");
            write(name + "/texts/a1.txt", "And the king said.");
        }
        Path model = Files.createDirectory(odd.resolve("model"));
        try (Stream<Path> files = Files.list(model())) {
            for (Path file : files.toList()) {
                Files.copy(file, model.resolve(file.getFileName()));
            }
        }

        rowCommands();
        write(ODD + "/compare.sql", "SELECT row_id FROM completions");
        assertThat(run("sql", "--results", odd("completions"), "--format", "csv", "--file", odd("compare.sql")))
                .isEqualToNormalizingNewlines("row_id\nown-row\n");
        run("report", odd("completions"), "-o", odd("page.html"));
        assertThat(Files.readString(odd("page.html"))).contains("own-row").doesNotContain("other-row");
        commandsOfTheEngine();
        assertThat(folder.resolve(MATCHED))
                .isDirectoryNotContaining(path -> Files.isRegularFile(path)
                        && !path.getFileName().toString().equals("in.jsonl"));
    }

    private void rowCommands() throws IOException {
        write(ODD + "/template", "{prompt}");
        write(ODD + "/job[1].yaml", "max-new-tokens: 1", "template-file: \"" + odd("template") + "\"");
        assertThat(run("plan", "--model", odd("model"), "--input", odd("in.jsonl"), "--output", odd("completions")))
                .contains("1, of which 0 are errors");
        rows("generate", "completions", "in.jsonl", "--job-file", odd("job[1].yaml"));
        rows("generate", "completions", "in.jsonl", "--job-file", odd("job[1].yaml"), "--resume");
        assertThat(ids("completions", "completions")).containsExactly("own-row");

        rows("perplexity", "files", "texts", "--format", "files");
        assertThat(ids("files", "document_scores")).as("files by their paths").containsExactly("a1.txt", "a[1].txt");
        rows("perplexity", "one", "texts/a[1].txt", "--format", "files", "--emit-tokens");
        assertThat(ids("one", "document_scores")).containsExactly("a[1].txt");
        rows("compare", "differences", "in.jsonl", "--baseline", odd("model"), "--drop-columns", "prompt");
        assertThat(ids("differences", "document_comparisons")).containsExactly("own-row");
        run("compare-runs", "--run", odd("one"), "--baseline", odd("one"), "--output", odd("runs"));
        assertThat(ids("runs", "document_comparisons")).containsExactly("a[1].txt");
        write(ODD + "/own.yaml", TASK);
        rows("choice", "choices", "in.jsonl", "--task", odd("own.yaml"));
        assertThat(ids("choices", "choice_scores")).containsExactly("own-row");
    }

    private void commandsOfTheEngine() throws IOException {
        Path checkpoint = GoldenFiles.golden("c5-tiny-08b-odd/model.safetensors");
        Files.copy(checkpoint, odd("model.safetensors"));
        Files.copy(checkpoint.resolveSibling("config.json"), odd("c.json"));
        run(
                "convert",
                "--checkpoint",
                odd("model.safetensors"),
                "--config",
                odd("c.json"),
                "--output",
                odd("converted"));
        assertThat(run("inspect", "--verify", odd("converted"))).contains("every checksum matches");
        write(ODD + "/texts.json", "[\"And\"]");
        run("tokenize", "--tokenizer", odd("model"), "--texts", odd("texts.json"), "--output", odd("tokens.json"));
        write(ODD + "/ids.json", "[5, 6]");
        run("logits", "--model", odd("converted"), "--token-ids", odd("ids.json"), "--output", odd("logits.npy"));
        assertThat(odd("tokens.json")).isNotEmptyFile();
        assertThat(odd("logits.npy")).isNotEmptyFile();
    }

    private Path odd(String name) {
        return odd.resolve(name);
    }

    private void rows(String command, String output, String input, Object... more) {
        List<Object> words = new ArrayList<>(List.of(command, "--model", odd("model"), "--input", odd(input)));
        words.addAll(List.of("--output", odd(output)));
        words.addAll(List.of(more));
        run(words.toArray());
    }

    private static String run(Object... words) {
        Invocation invocation = Invocation.of(words);
        assertThat(invocation.status()).as(invocation.err()).isZero();
        return invocation.out();
    }

    private List<String> ids(String output, String name) {
        Dataset<Row> table =
                LiteralPath.read(spark).parquet(odd(output).resolve(name).toString());
        return rows(table, "row_id").stream().map(row -> row.getString(0)).toList();
    }
}
