package io.spikelet.job.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.job.SparkTest;
import io.spikelet.job.UsageException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

final class InputReaderTest extends SparkTest {
    @Test
    void readsJsonLinesWithTypesThatPassThrough() {
        Path file = write(
                "in.jsonl",
                "{\"id\": 7, \"prompt\": \"Call me\", \"rank\": 3, \"tags\": [\"a\", \"b\"], \"nested\": {\"x\": 1.5}}",
                "",
                "{\"id\": \"8\", \"prompt\": \"In the beginning é\", \"rank\": null}");

        InputRows rows = read(file, "prompt");

        assertThat(rows.scanned()).isEqualTo(2);
        assertThat(rows.passThrough().simpleString())
                .isEqualTo("struct<nested:struct<x:double>,rank:bigint,tags:array<string>>");
        List<Row> read = rows(rows.partitioned(2), "row_id", InputRows.TEXT, "error_class", "rank");
        assertThat(read).extracting(Row::mkString).containsExactly("7Call menull3", "8In the beginning énullnull");
    }

    @Test
    void everyKindOfBadJsonLineIsARowOfItsOwn() {
        Path file = folder.resolve("bad.jsonl");
        String[] lines = {
            "{\"id\": \"a-good\", \"prompt\": \"fine\"}",
            "{\"id\": \"b-null\", \"prompt\": null}",
            "{\"id\": \"c-missing\"}",
            "{\"id\": \"d-empty\", \"prompt\": \"\"}",
            "{\"id\": \"e-number\", \"prompt\": 5}",
            "{\"id\": \"f-object\", \"prompt\": {\"prompt\": \"x\"}}",
            "{\"id\": \"g-after\", \"prompt\": \"x\"} trailing",
            "{\"id\": \"h-twice\", \"prompt\": \"x\", \"prompt\": \"y\"}",
            "{\"id\": \"i-surrogate\", \"prompt\": \"\\ud83d\"}",
        };
        byte[] good = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
        byte[] bad = "{\"id\": \"j-bytes\", \"prompt\": \"\u00ff\u00fe\"}\n{\"id\": \"k-cut\", \"prompt\n[1]\n"
                .getBytes(StandardCharsets.ISO_8859_1);
        write("bad.jsonl", concat(good, bad));

        InputRows rows = read(file, "prompt");

        assertThat(rows.scanned()).isEqualTo(12);
        List<Row> read = rows(rows.partitioned(3), "row_id", "error_class");
        assertThat(read)
                .filteredOn(row -> row.getString(0).charAt(1) == '-')
                .extracting(row -> row.getString(0) + " " + row.getString(1))
                .containsExactly(
                        "a-good null",
                        "b-null null_input",
                        "c-missing null_input",
                        "d-empty empty_input",
                        "e-number malformed_row",
                        "f-object malformed_row",
                        "g-after malformed_row",
                        "h-twice malformed_row",
                        "i-surrogate malformed_row",
                        "j-bytes invalid_utf8");
        assertThat(read)
                .filteredOn(row -> row.getString(0).charAt(1) != '-')
                .hasSize(2)
                .allMatch(row -> row.getString(1).equals("malformed_row"));
        assertThat(rows(rows.partitioned(1), "row_id", "error_message"))
                .filteredOn(row -> row.getString(0).equals("g-after"))
                .first()
                .extracting(row -> row.getString(1))
                .asString()
                .contains("bad.jsonl, line 7: the line is not JSON", "trailing");
    }

    @Test
    void readsCsvWithLineBreaksAndFindsBytesThatAreNotUtf8() {
        byte[] csv = ("\u00ef\u00bb\u00bfid,prompt,note\r\n"
                        + "1,\"two\nlines, and a \"\"quote\"\"\",caf\u00c3\u00a9\r\n"
                        + "2,,x\r\n"
                        + "3,\"\",x\r\n"
                        + "4,\u00ff,x\r\n"
                        + "5,too,many,fields\r\n"
                        + "6,few\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);

        InputRows rows = read(write("in.csv", csv), "prompt");

        assertThat(rows.scanned()).isEqualTo(6);
        List<Row> read = rows(rows.partitioned(2), "row_id", InputRows.TEXT, "note", "error_class");
        assertThat(read.get(0).mkString("|")).isEqualTo("1|two\nlines, and a \"quote\"|café|null");
        assertThat(read)
                .extracting(row -> row.getString(0) + " " + row.getString(3))
                .containsExactly(
                        "1 null",
                        "2 null_input",
                        "3 empty_input",
                        "4 invalid_utf8",
                        "5 malformed_row",
                        "6 malformed_row");
    }

    @Test
    void everyLineOfATextIsARow() {
        byte[] text = "one\n\nthr\u00c3\u00a9\u00c3\u00a9\n\u00ff\none\n".getBytes(StandardCharsets.ISO_8859_1);

        InputRows rows = read(write("in.txt", text), "prompt");

        assertThat(rows.scanned()).isEqualTo(5);
        assertThat(rows(rows.partitioned(2), InputRows.TEXT, "error_class"))
                .extracting(row -> row.getString(0) + " " + row.getString(1))
                .containsExactlyInAnyOrder(" empty_input", "one null", "one null", "thréé null", "\ufffd invalid_utf8");
        Path ends = projectRoot().resolve("job/src/test/resources/cases/y1/crlf.txt");
        InputSpec limited = new InputSpec(
                ends.toString(),
                Optional.empty(),
                "text",
                Optional.empty(),
                List.of(),
                OptionalLong.of(9),
                RequestSpec.NONE);
        assertThat(rows(read(limited).partitioned(1), InputRows.TEXT))
                .as("lines end with LF, CRLF or CR, and with no other character")
                .extracting(row -> row.getString(0))
                .containsExactly("", "four\u000bfive\u2028six", "one", "three", "two");
    }

    @Test
    void aFileCanBeOneRow() {
        write("texts/a.txt", "first\nsecond");
        write("texts/b.txt", "third");

        InputRows rows = read(spec(folder.resolve("texts").toString(), "prompt", InputFormat.FILES));

        assertThat(rows(rows.partitioned(1), InputRows.TEXT))
                .extracting(row -> row.getString(0))
                .containsExactly("first\nsecond\n", "third\n");
        InputSpec unclear = new InputSpec(
                folder.resolve("texts").toString(),
                Optional.empty(),
                "prompt",
                Optional.empty(),
                List.of(),
                OptionalLong.empty(),
                RequestSpec.NONE);
        assertThatThrownBy(() -> read(unclear))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll("has 2 text files", "--format files for a row per file");
    }

    @Test
    void anInputThatIsMissingIsNamedOnce() {
        InputSpec missing = spec(folder.resolve("none.jsonl").toString(), "prompt", InputFormat.JSONL);

        assertThatThrownBy(() -> read(missing))
                .isInstanceOf(UsageException.class)
                .hasMessage("--input " + missing.path() + " does not exist; give a file, a directory or a glob");
    }

    @Test
    void readsParquetStringsAndTheirBytes() {
        Path parquet = folder.resolve("in.parquet");
        spark.sql("SELECT 'a' AS id, 'good' AS prompt, DATE'1500-01-01' AS day, CAST(1.5 AS DECIMAL(9,2)) AS price "
                        + "UNION ALL SELECT 'b', CAST(X'FF41' AS STRING), NULL, NULL")
                .write()
                .parquet(parquet.toString());

        List<Row> read =
                rows(read(parquet, "prompt").partitioned(2), "row_id", InputRows.TEXT, "error_class", "day", "price");

        assertThat(read.get(0).mkString("|")).isEqualTo("a|good|null|1500-01-01|1.50");
        assertThat(read.get(1).getString(2)).isEqualTo("invalid_utf8");
    }

    @Test
    void rowsWithoutIdAreNamedByTheirContentWhateverThePartitions() {
        Path file = write("in.jsonl", "{\"prompt\": \"same\"}", "{\"prompt\": \"same\"}", "{\"prompt\": \"other\"}");

        List<Row> one = rows(read(file, "prompt").partitioned(1), "row_id", InputRows.TEXT);
        List<Row> seven = rows(read(file, "prompt").partitioned(7), "row_id", InputRows.TEXT);

        assertThat(one).isEqualTo(seven);
        List<String> same = one.stream()
                .filter(row -> row.getString(1).equals("same"))
                .map(row -> row.getString(0))
                .toList();
        assertThat(same.get(0)).matches("[0-9a-f]{32}");
        assertThat(same.get(1)).isEqualTo(same.get(0) + "-2");
    }

    @Test
    void columnsInDirectoryNamesPassThroughAndTellRowsApart() {
        write("parts/group=sea/a.jsonl", "{\"prompt\": \"same\"}");
        write("parts/group=land/a.jsonl", "{\"prompt\": \"same\"}");

        List<Row> read =
                rows(read(folder.resolve("parts"), "prompt").partitioned(2), "group", InputRows.TEXT, "row_id");

        assertThat(read).extracting(row -> row.getString(0)).containsExactly("land", "sea");
        assertThat(read)
                .extracting(row -> row.getString(2))
                .doesNotHaveDuplicates()
                .allMatch(id -> id.length() == 32);
    }

    @Test
    void theLimitTakesTheFirstRowsInOrderOfFileAndLine() {
        write("many/b.txt", "b1", "b2", "b3");
        write("many/a.txt", "a1", "a2");
        InputSpec all = spec(folder.resolve("many").toString(), "text", InputFormat.TEXT);

        InputRows rows = read(new InputSpec(
                all.path(),
                all.format(),
                all.textColumn(),
                all.idColumn(),
                List.of(),
                OptionalLong.of(3),
                RequestSpec.NONE));

        assertThat(rows(rows.partitioned(3), InputRows.TEXT))
                .extracting(row -> row.getString(0))
                .containsExactly("a1", "a2", "b1");
    }

    @Test
    void idsThatRepeatAreRefused() {
        Path file = write("in.jsonl", "{\"id\": 1, \"prompt\": \"a\"}", "{\"id\": 1, \"prompt\": \"b\"}");

        WorkPlan plan = WorkPlan.of(PlanRows.of(read(file, "prompt"), 2, 0));

        assertThatThrownBy(() -> plan.requireDistinctIds(file.toString()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("such as \"1\"")
                .hasMessageContaining("--id-column");
    }

    @Test
    void whatCannotBeReadIsRefusedByName() {
        Path file = write("in.jsonl", "{\"id\": 1, \"prompt\": \"a\"}");
        write("mixed/a.csv", "x");
        write("mixed/b.txt", "x");
        write("deep/sub/a.txt", "x");

        assertRefused(() -> read(folder.resolve("missing.jsonl"), "prompt"), "missing.jsonl", "does not exist");
        assertRefused(() -> read(file, "text"), "no column text", "id, prompt");
        assertRefused(() -> read(folder.resolve("mixed"), "prompt"), "csv, text");
        assertRefused(() -> read(folder.resolve("deep"), "prompt"), "sub", "/*");
        assertRefused(() -> read(write("in.xyz", "x"), "prompt"), "in.xyz", "--format");
        assertRefused(() -> InputFormat.named("xml"), "xml", "jsonl, parquet, csv, text, files");
    }

    @Test
    void noRowIsLostWhenSparkCutsTheFilesAnew() {
        String copy = folder.resolve("copy").toString();
        InputRows rows = InputReader.read(spark, manyLines(), scan -> {
            scan.write().parquet(copy);
            return spark.read().parquet(copy);
        });
        spark.conf().set("spark.sql.files.maxPartitionBytes", "1m");
        try {
            assertThat(rows.scanned()).isEqualTo(8_991);
            assertThat(rows.partitioned(2).count()).isEqualTo(8_991);
        } finally {
            spark.conf().unset("spark.sql.files.maxPartitionBytes");
        }
    }

    @Test
    void aRowWhoseLineHasNoNumberStopsTheQuery() {
        InputRows rows = InputReader.read(spark, manyLines());
        spark.conf().set("spark.sql.files.maxPartitionBytes", "1m");
        try {
            assertThatThrownBy(() -> rows.partitioned(2).select(InputRows.PLACE).collectAsList())
                    .hasStackTraceContaining("Spark cut the file")
                    .hasStackTraceContaining("run the command again");
        } finally {
            spark.conf().unset("spark.sql.files.maxPartitionBytes");
        }
    }

    /** More than Spark reads as one block, with blank lines that are no rows. */
    private InputSpec manyLines() {
        String[] lines = IntStream.range(0, 9_000)
                .mapToObj(
                        i -> i % 1000 == 500 ? "" : "{\"id\": \"r" + i + "\", \"text\": \"" + "x".repeat(1000) + "\"}")
                .toArray(String[]::new);
        return new InputSpec(
                write("rows.jsonl", lines).toString(),
                Optional.empty(),
                "text",
                Optional.empty(),
                List.of(),
                OptionalLong.empty(),
                RequestSpec.NONE);
    }

    @Test
    void aLimitNeitherSortsNorCollectsTheRowsItTakes() {
        InputSpec all = spec(write("many.txt", "a", "b", "c").toString(), "text", InputFormat.TEXT);
        List<String> plans = new ArrayList<>();

        InputReader.read(
                spark,
                new InputSpec(
                        all.path(),
                        all.format(),
                        all.textColumn(),
                        all.idColumn(),
                        List.of(),
                        OptionalLong.of(2),
                        RequestSpec.NONE),
                scan -> {
                    plans.add(scan.queryExecution().executedPlan().toString());
                    return scan;
                });

        assertThat(plans).singleElement().asString().contains("Limit").doesNotContain("Sort", "TakeOrdered", "Window");
    }

    private static void assertRefused(Runnable call, String... parts) {
        assertThatThrownBy(call::run).isInstanceOf(UsageException.class).hasMessageContainingAll(parts);
    }

    private static InputRows read(Path path, String column) {
        return read(new InputSpec(
                path.toString(),
                Optional.empty(),
                column,
                Optional.empty(),
                List.of(),
                OptionalLong.empty(),
                RequestSpec.NONE));
    }

    private static InputRows read(InputSpec spec) {
        return InputReader.read(spark, spec);
    }

    private static InputSpec spec(String path, String column, InputFormat format) {
        return new InputSpec(
                path, Optional.of(format), column, Optional.empty(), List.of(), OptionalLong.empty(), RequestSpec.NONE);
    }

    private static byte[] concat(byte[] one, byte[] other) {
        byte[] both = new byte[one.length + other.length];
        System.arraycopy(one, 0, both, 0, one.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }
}
