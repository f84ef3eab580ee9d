package io.spikelet.job.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Files that are not what their name or the format says. */
final class FileSignatureTest extends InputCasesTest {
    @Test
    void whatAFileIsStandsInTheMessage() {
        assertRefused(spec(fixture("a02/utf16.jsonl")), "utf16.jsonl", "UTF-16", "UTF-8");
        assertRefused(spec(fixture("a05/array_commas.json")), "array_commas.json", "one JSON array", "jq");
        assertRefused(spec(fixture("a05/array_one_line.json")), "one JSON array");
        assertRefused(spec(fixture("a05/array_pretty.json")), "one JSON array");
        assertRefused(spec(write("spaced.json", "[ {\"prompt\": \"a\"},", "{\"prompt\": \"b\"} ]")), "one JSON array");
        for (String charset : List.of("UTF-32BE", "UTF-32LE", "X-UTF-32BE-BOM", "X-UTF-32LE-BOM")) {
            byte[] utf32 = "{\"prompt\": \"a\"}\n".getBytes(Charset.forName(charset));
            assertRefused(spec(write(charset + ".jsonl", utf32)), charset, "text in UTF-32");
        }
        assertRefused(spec(fixture("y1/html.jsonl")), "html.jsonl", "an HTML page");
        assertRefused(spec(fixture("y1/pretty.jsonl")), "over several lines");
        assertRefused(spec(fixture("a14fake/not_gzip.jsonl.gz")), "not_gzip.jsonl.gz", "not compressed with gzip");
        assertRefused(spec(fixture("a14fake2/is_gzip.jsonl")), "is_gzip.jsonl", "compressed with gzip", ".gz");
        assertRefused(spec(fixture("lz4/a14lz4.jsonl.lz4")), "lz4 tool");
        assertRefused(of(fixture("lz4/a14xz.jsonl.xz"), InputFormat.JSONL), "compressed with xz");
        assertRefused(of(fixture("p/decimal.parquet"), InputFormat.JSONL), "Parquet", "--format parquet");
        assertRefused(of(fixture("y1/ids.jsonl"), InputFormat.PARQUET), "ids.jsonl", "no Parquet");
        assertRefused(spec(write("a.csv", "x;y\n".getBytes(StandardCharsets.UTF_16BE))), "UTF-16");
        assertThatThrownBy(() -> read(spec(fixture("a14cut/cut.jsonl.gz")))).hasMessageContaining("cut.jsonl.gz");
        assertThatThrownBy(() -> read(spec(fixture("a14mix")))).hasMessageContaining("b.jsonl.gz");
        assertRefused(spec(fixture("a17/semicolon.csv")), "separates its fields with ;");
    }

    @Test
    void everyFileIsLookedAt() {
        for (int i = 0; i < 210; i++) {
            write("many/%03d.jsonl".formatted(i), "{\"prompt\": \"a\"}");
        }
        write("many/207.jsonl", "<html>");
        write("many/208.jsonl", "[{}]");

        assertRefused(spec(folder.resolve("many")), "many/207.jsonl is an HTML page");
    }

    @Test
    void whatIsNoneOfTheFormatsIsNamedInAllOfThem() {
        String pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 3";
        for (String name : List.of("a.txt", "a.csv", "a.jsonl", "a.parquet")) {
            assertRefused(spec(write(name, pointer)), name + " is a git-LFS pointer", "git lfs pull");
        }
        assertRefused(spec(write("page.parquet", "<!-- saved -->", "<HTML>")), "is an HTML page");
        assertRefused(spec(write("page.jsonl", "<!-- saved -->", "<HTML>")), "is an HTML page");
        assertRefused(spec(write("texts.json", "[\"a\", \"b\"]")), "one JSON array");
        assertRefused(spec(write("lines.csv", "{\"id\": \"a\", \"prompt\": \"x\"}")), "--format jsonl");
        byte[] tar = new byte[1024];
        System.arraycopy("a.jsonl".getBytes(StandardCharsets.US_ASCII), 0, tar, 0, 7);
        System.arraycopy("ustar".getBytes(StandardCharsets.US_ASCII), 0, tar, 257, 5);
        assertRefused(spec(write("a.jsonl", tar)), "a tar archive");
    }

    @Test
    void aTextMayBeginWithTheLettersOfAFormat() {
        assertThat(ids(spec(write("orcs.txt", "ORC is a word", "PAR1 too", "BZh as well"))))
                .hasSize(3);
    }

    @Test
    void anEmptyInputHasNoRowsWhateverItsFormat() {
        for (String name : new String[] {"empty.jsonl", "blank.jsonl", "empty.csv", "empty.txt", "empty.parquet"}) {
            assertThat(read(spec(fixture("a16").resolve(name))).count())
                    .as(name)
                    .isZero();
        }
        assertThat(read(spec(write("header.csv", "id,prompt"))).count()).isZero();
        assertThat(ids(spec(write("some/s1.jsonl", "{\"id\": \"a\", \"prompt\": \"x\"}"))))
                .containsExactly("a");
        write("some/s0.jsonl", new byte[0]);
        assertThat(ids(spec(folder.resolve("some")))).containsExactly("a");
    }
}
