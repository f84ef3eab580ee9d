package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** What commands make of inputs that a reader alone accepts. */
final class InputOfCommandsTest extends SparkTest {
    @Test
    void aDocumentOfTwentyMegabytesIsTooLongUnderItsOwnId() {
        Path input = write(
                "in.jsonl",
                "{\"id\": \"short\", \"text\": \"And the king said.\", \"digits\": " + "7".repeat(2000) + "}",
                "{\"id\": \"long\", \"text\": \"" + "the sea ".repeat(2_700_000) + "\"}");

        Invocation scored = perplexity(input, "--max-errors", "1");

        assertThat(scored.status()).as(scored.err()).isZero();
        List<Row> rows = rows(
                table(folder.resolve("out"), "document_scores"), "row_id", "error_class", "error_message", "digits");
        assertThat(rows.get(0).getString(0)).isEqualTo("long");
        assertThat(rows.get(0).getString(1)).isEqualTo("too_long");
        assertThat(rows.get(0).getString(2)).contains("the text has 21600000 bytes", "--max-row-bytes allows");
        assertThat(rows.get(1).isNullAt(1)).isTrue();
        assertThat(rows.get(1).getString(3)).isEqualTo("7".repeat(2000));
    }

    @Test
    void aCompressedFileThatIsCutShortIsNamedAmongMany() throws IOException {
        Random random = new Random(4);
        for (int i = 0; i < 12; i++) {
            ByteArrayOutputStream compressed = new ByteArrayOutputStream();
            try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
                for (int line = 0; line < 40; line++) {
                    byte[] noise = new byte[500];
                    random.nextBytes(noise);
                    out.write(("{\"text\": \"" + HexFormat.of().formatHex(noise) + "\"}\n")
                            .getBytes(StandardCharsets.UTF_8));
                }
            }
            byte[] whole = compressed.toByteArray();
            write("in/part-%02d.jsonl.gz".formatted(i), i == 7 ? Arrays.copyOf(whole, whole.length - 2000) : whole);
        }

        Invocation scored = perplexity(folder.resolve("in"));

        assertThat(scored.status()).as(scored.err()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(scored.err()).contains("in/part-07.jsonl.gz").doesNotContain("part-06", "part-08");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    private Invocation perplexity(Path input, String... more) {
        Object[] words = {"perplexity", "--model", model(), "--input", input, "--output", folder.resolve("out")};
        Object[] all = Arrays.copyOf(words, words.length + more.length);
        System.arraycopy(more, 0, all, words.length, more.length);
        return Invocation.of(all);
    }
}
