package io.spikelet.job.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
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
    void everyForeignKindIsCalledWhatItIs() {
        Map<String, String> kinds = Map.ofEntries(
                Map.entry("1f8b0800", "compressed with gzip"),
                Map.entry("28b52ffd24", "compressed with zstd"),
                Map.entry("425a6839314159265359", "compressed with bzip2"),
                Map.entry("fd377a585a00", "compressed with xz"),
                Map.entry("04224d1864", "lz4 tool"),
                Map.entry("02214c1820", "lz4 tool"),
                Map.entry("ff060000734e61507059", "snappy tool"),
                Map.entry("1f9d90", "compressed with compress"),
                Map.entry("504b03041400", "a zip archive"),
                Map.entry("377abcaf271c0004", "a 7z archive"),
                Map.entry("526172211a0700", "a RAR archive"),
                Map.entry("d0cf11e0a1b11ae1", "Microsoft Office"),
                Map.entry("53514c69746520666f726d6174203300", "an SQLite database"),
                Map.entry("934e554d50590100", "a NumPy array"),
                Map.entry("894844460d0a1a0a", "HDF5"),
                Map.entry("5041523115041500", "Parquet"),
                Map.entry("4152524f57310000", "Arrow"),
                Map.entry("4f52430800", "ORC"),
                Map.entry("4f626a0104140000", "Avro"),
                Map.entry("255044462d312e34", "a PDF document"));
        kinds.forEach((head, what) -> {
            byte[] content = Arrays.copyOf(HexFormat.of().parseHex(head), 64);
            assertRefused(spec(write("x.jsonl", content)), "x.jsonl is ", what);
            assertRefused(spec(write("x.csv", content)), "x.csv is ", what);
            assertRefused(of(write("x.data", content), InputFormat.FILES), "x.data is ", what);
            assertRefused(of(write("x.data", content), InputFormat.OPENAI_BATCH), "x.data is ", what);
        });
        for (String extension : List.of("gz", "zst", "bz2", "lz4", "snappy")) {
            Path frame = write("x.jsonl." + extension, HexFormat.of().parseHex("04224d186470b90000"));
            assertRefused(spec(frame), "x.jsonl." + extension, "lz4 tool");
        }
    }

    @Test
    void anObjectOverSeveralLinesIsNamedHoweverItIsBroken() {
        for (String text : List.of(
                "{\n  \"prompt\": \"a\"\n}",
                "{\"id\": 1,\n \"prompt\": \"a\"}",
                "{ \"m\": [1,\n 2], \"prompt\": \"a\" }",
                "\ufeff\n{\"m\": {\r\n\"prompt\": \"a\"}}",
                "{\"prompt\": \"a\"\n}")) {
            assertRefused(spec(write("x.jsonl", text)), "x.jsonl is JSON over several lines", "jq -c .");
        }
        assertThat(texts(spec(write("x.jsonl", "{\"id\": 1,", "{\"id\": \"b\", \"prompt\": \"x\"}")), "error_class"))
                .as("a line that is cut")
                .containsExactlyInAnyOrder("malformed_row", "null");
    }

    @Test
    void aTextMayBeginWithTheLettersOfAFormat() {
        assertThat(ids(spec(write("orcs.txt", "ORC is a word", "PAR1 too", "BZh as well"))))
                .hasSize(3);
    }

    @Test
    void anEmptyInputHasNoRowsWhateverItsFormat() {
        for (String name : new String[] {"empty.jsonl", "blank.jsonl", "empty.csv", "empty.txt", "empty.parquet"}) {
            assertThat(read(spec(fixture("a16").resolve(name))).scanned())
                    .as(name)
                    .isZero();
        }
        assertThat(read(spec(write("header.csv", "id,prompt"))).scanned()).isZero();
        assertThat(ids(spec(write("some/s1.jsonl", "{\"id\": \"a\", \"prompt\": \"x\"}"))))
                .containsExactly("a");
        write("some/s0.jsonl", new byte[0]);
        assertThat(ids(spec(folder.resolve("some")))).containsExactly("a");
    }
}
