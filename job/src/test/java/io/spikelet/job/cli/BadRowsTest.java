package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.Sha256;
import io.spikelet.job.SparkTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One row in ten is bad, in every way that a row can be. */
final class BadRowsTest extends SparkTest {
    private static final int ROWS = 80;
    private static final String EMBEDDING = "spike_encoder.frontend.text_embedding.weight";

    /** A token whose embedding overflows in the poisoned model, so that the engine fails on every row that has it. */
    private static final String POISON = "Q";

    private Path poisoned;

    @BeforeEach
    void poisonAToken() throws IOException {
        poisoned = Files.createDirectory(folder.resolve("model"));
        try (Stream<Path> files = Files.list(model())) {
            for (Path file : files.toList()) {
                Files.copy(file, poisoned.resolve(file.getFileName()));
            }
        }
        JsonNode manifest =
                new ObjectMapper().readTree(poisoned.resolve(ModelManifest.FILE).toFile());
        for (JsonNode tensor : manifest.get("tensors")) {
            if (tensor.get("name").asText().equals(EMBEDDING)) {
                overflow(tensor.get("scale_offset").asLong());
            }
        }
    }

    private void overflow(long scales) throws IOException {
        Path ids = folder.resolve("ids.json");
        Invocation tokenize = Invocation.of(
                "tokenize",
                "--tokenizer",
                poisoned.resolve("tokenizer.model"),
                "--texts",
                write("texts.json", "[\"" + POISON + "\"]"),
                "--output",
                ids);
        assertThat(tokenize.status()).as(tokenize.err()).isZero();
        JsonNode tokens = new ObjectMapper().readTree(ids.toFile()).get(0);
        int token = tokens.get(tokens.size() - 1).asInt();
        try (RandomAccessFile weights = new RandomAccessFile(
                poisoned.resolve(ModelManifest.WEIGHTS_FILE).toFile(), "rw")) {
            weights.seek(scales + 4L * token);
            weights.write(ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putFloat(Float.MAX_VALUE)
                    .array());
        }
        acceptTheWeights();
    }

    /** The model is whole as its manifest says: damage would end the run, and is another test's. */
    private void acceptTheWeights() throws IOException {
        Path manifest = poisoned.resolve(ModelManifest.FILE);
        String was = Sha256.ofFile(model().resolve(ModelManifest.WEIGHTS_FILE));
        String text = Files.readString(manifest);
        assertThat(text).contains(was);
        Files.writeString(manifest, text.replace(was, Sha256.ofFile(poisoned.resolve(ModelManifest.WEIGHTS_FILE))));
    }

    @Test
    void promptsThatAreGoodAreAsWithoutTheBadOnes() throws IOException {
        Path mixed = write("mixed.jsonl", lines("prompt", true));
        Path good = write("good.jsonl", lines("prompt", false));
        Path output = folder.resolve("out");

        Invocation all = generate(mixed, output);
        Invocation few = generate(good, folder.resolve("few"));

        assertThat(all.status()).as(all.err()).isEqualTo(ExitStatus.DONE);
        assertThat(few.status()).as(few.err()).isEqualTo(ExitStatus.DONE);
        String[] results = {"row_id", "completion", "completion_token_ids", "sum_logprob", "encoder_firing_rate"};
        assertThat(rows(table(output, "completions").where("error_class IS NULL"), results))
                .hasSize(ROWS - ROWS / 10)
                .isEqualTo(rows(table(folder.resolve("few"), "completions"), results));
        assertThat(errors(output, "completions"))
                .containsOnlyKeys(
                        "null_input", "empty_input", "invalid_utf8", "too_long", "malformed_row", "engine_error")
                .hasEntrySatisfying(
                        "too_long", message -> assertThat(message).contains("--max-prompt-tokens allows 60"))
                .hasEntrySatisfying(
                        "malformed_row", message -> assertThat(message).contains("mixed.jsonl, line 50: "))
                .hasEntrySatisfying(
                        "engine_error", message -> assertThat(message).contains("finite"));
    }

    @Test
    void documentsThatAreGoodAreAsWithoutTheBadOnesAndOneThatTakesTooLong() throws IOException {
        Path mixed = write("mixed.jsonl", lines("text", true));
        Files.writeString(
                mixed,
                Files.readString(mixed, StandardCharsets.ISO_8859_1) + "{\"id\": \"endless\", \"text\": \""
                        + "And the LORD said. ".repeat(40_000) + "\"}\n",
                StandardCharsets.ISO_8859_1);
        Path good = write("good.jsonl", lines("text", false));
        Path output = folder.resolve("out");

        Invocation all = perplexity(mixed, output, "--row-timeout", "4");
        Invocation few = perplexity(good, folder.resolve("few"));

        assertThat(all.status()).as(all.err()).isEqualTo(ExitStatus.DONE);
        assertThat(few.status()).as(few.err()).isEqualTo(ExitStatus.DONE);
        String[] results = {"row_id", "scored_tokens", "nll", "encoder_firing_rate"};
        assertThat(rows(table(output, "document_scores").where("error_class IS NULL AND row_id LIKE 'p%'"), results))
                .hasSize(ROWS - ROWS / 10)
                .isEqualTo(rows(table(folder.resolve("few"), "document_scores"), results));
        assertThat(errors(output, "document_scores"))
                .containsOnlyKeys(
                        "null_input", "empty_input", "invalid_utf8", "malformed_row", "engine_error", "timeout")
                .hasEntrySatisfying("timeout", message -> assertThat(message).contains("4"));
    }

    @Test
    void moreErrorsThanAllowedAreStatusOneAsANumberAndAsAShare() throws IOException {
        Path mixed = write("mixed.jsonl", lines("prompt", true));
        int bad = ROWS / 10;

        assertThat(generate(mixed, folder.resolve("a"), "--max-errors", "" + bad)
                        .status())
                .isEqualTo(ExitStatus.DONE);
        Invocation more = generate(mixed, folder.resolve("a"), "--resume", "--max-errors", "" + (bad - 1));
        assertThat(more.status()).isEqualTo(ExitStatus.ROWS_FAILED);
        assertThat(more.err()).contains(bad + " of " + ROWS + " rows failed; --max-errors allows " + (bad - 1));
        assertThat(generate(mixed, folder.resolve("a"), "--resume", "--max-errors", "10%")
                        .status())
                .isEqualTo(ExitStatus.DONE);
        assertThat(generate(mixed, folder.resolve("a"), "--resume", "--max-errors", "9.9%")
                        .status())
                .isEqualTo(ExitStatus.ROWS_FAILED);
    }

    @Test
    void aDuplicateIdIsRefusedBeforeWork() throws IOException {
        String line = "{\"id\": \"same\", \"prompt\": \"And the LORD\"}";

        Invocation refused = generate(write("in.jsonl", line, line), folder.resolve("out"));

        assertThat(refused.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(refused.err()).contains("\"same\"", "ids must be unique");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    private Invocation generate(Path input, Path output, String... more) {
        return run("generate", input, output, List.of("--max-new-tokens", "4", "--max-prompt-tokens", "60"), more);
    }

    private Invocation perplexity(Path input, Path output, String... more) {
        return run("perplexity", input, output, List.of("--protocol", "document"), more);
    }

    private Invocation run(String command, Path input, Path output, List<String> own, String... more) {
        List<Object> words = new ArrayList<>(List.of(command, "--model", poisoned, "--input", input));
        words.addAll(List.of("--output", output, "--partitions", "2"));
        words.addAll(own);
        words.addAll(List.of(more));
        return Invocation.of(words.toArray());
    }

    /** The message of one row of each error class. */
    private Map<String, String> errors(Path output, String table) {
        Map<String, String> errors = new TreeMap<>();
        for (Row row : rows(table(output, table).where("error_class IS NOT NULL"), "error_class", "error_message")) {
            assertThat(row.getString(1)).isNotBlank();
            errors.putIfAbsent(row.getString(0), row.getString(1));
        }
        return errors;
    }

    /** Lines of which, if asked for, every tenth is bad, each in a way of its own. */
    private static byte[] lines(String column, boolean withBad) throws IOException {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (int i = 0; i < ROWS; i++) {
            if (i % 10 != 9) {
                lines.write(("{\"id\": \"p" + i + "\", \"" + column + "\": \"And the LORD said unto p" + i + "\"}\n")
                        .getBytes(StandardCharsets.UTF_8));
            } else if (withBad) {
                lines.write(bad(column, i / 10));
                lines.write('\n');
            }
        }
        return lines.toByteArray();
    }

    private static byte[] bad(String column, int kind) {
        String head = "{\"id\": \"bad" + kind + "\", \"" + column + "\": ";
        String line = switch (kind) {
            case 0 -> head + "null}";
            case 1 -> head + "\"\"}";
            case 2 -> head + "\"a byte that is no UTF-8: \u00ff\"}";
            case 3 -> head + "\"" + "whale ".repeat(100) + "\"}";
            case 4 -> head + "\"unterminated";
            case 5 -> head + "\"And the " + POISON + " said unto " + POISON + "\"}";
            case 6 -> head + "\"\\ud83d\"}";
            default -> head + "[\"no string\"]}";
        };
        return line.getBytes(StandardCharsets.ISO_8859_1);
    }
}
