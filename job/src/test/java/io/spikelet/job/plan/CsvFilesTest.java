package io.spikelet.job.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** CSV of every spelling. */
final class CsvFilesTest extends InputCasesTest {
    @Test
    void whatStandsInQuotesPassesUnchanged() {
        assertThat(texts(spec(fixture("a17/crlf.csv")), "row_id", InputRows.TEXT, "note"))
                .containsExactly("1|two\nlines|a", "2|two\r\nlines|b", "3| spaced |c");
        assertThat(texts(spec(fixture("a17/lf_with_crlf_inside.csv")), "row_id", InputRows.TEXT, "note"))
                .containsExactly("1|two\r\nlines|a", "2|plain|b");
        assertThat(texts(
                        spec(write("mixed.csv", bytes("id,prompt\r\n1,a\n2,\"b\r\"\r\n3,c"))),
                        "row_id",
                        InputRows.TEXT))
                .containsExactly("1|a", "2|b\r", "3|c");
        assertThat(texts(spec(write("mac.csv", bytes("id,prompt\r1,a\r2,\"b\rc\"\r"))), "row_id", InputRows.TEXT))
                .containsExactly("1|a", "2|b\rc");
        assertThat(texts(spec(write("nul.csv", bytes("id,prompt\n1,a\0b\n2,\0\n"))), "row_id", InputRows.TEXT))
                .containsExactly("1|a\0b", "2|\0");
        assertThat(texts(spec(fixture("a17/blank_fields.csv")), "row_id", InputRows.TEXT))
                .containsExactly("1|C:\\", "2|5\" nail", "3|5\" nail", "4|NULL", "5|nan", "6|#x");
    }

    @Test
    void columnsWithoutANameAndWithTheSameNamePassThrough() {
        assertThat(texts(spec(fixture("a17/pandas.csv")), "unnamed", "row_id", InputRows.TEXT))
                .containsExactly("0|a|And the king", "1|b|The sea");
        assertThat(texts(spec(fixture("a17b/dup.csv")), "row_id", "x", "x_2")).containsExactly("1|1|2");
        assertThat(texts(spec(fixture("a17/case.csv")), "row_id", "Tag", "tag_2"))
                .containsExactly("1|x|y");
    }

    @Test
    void everyFileHasAHeaderOfItsOwn() {
        write("in/a.csv", "id,prompt,x", "1,And,2");
        write("in/b.csv", "y,prompt,id", "3,The,4");

        assertThat(texts(spec(folder.resolve("in")), "row_id", InputRows.TEXT, "x", "y"))
                .containsExactly("1|And|2|null", "4|The|null|3");
    }

    @Test
    void aBrokenRecordIsARowThatSaysItsLine() {
        assertThat(texts(
                        spec(write("in.csv", "id,prompt", "1,\"a", "b\"", "2,x,y", "3,\"x\"y", "4,\"no end")),
                        "row_id",
                        "error_class",
                        "error_message"))
                .satisfiesExactly(
                        row -> assertThat(row).isEqualTo("1|null|null"),
                        row -> assertThat(row)
                                .contains("2|malformed_row", "line 4: the record has 3 fields, the header 2"),
                        row -> assertThat(row).contains("3|malformed_row", "line 5: text follows the closing quote"),
                        row -> assertThat(row)
                                .contains("4|malformed_row", "line 6: the quote of field 2 does not end"));
    }

    @Test
    void aHeaderWhoseQuoteDoesNotEndIsRefused() {
        assertRefused(spec(write("in.csv", "id,prompt,\"note", "1,a,b", "2,a,b")), "in.csv", "field 3 does not end");
    }

    @Test
    void aHeaderMayHoldAnyCharacter() {
        assertThat(texts(spec(write("nul.csv", bytes("id,prompt,a\0b\n1,x,y\n"))), "row_id", "a\0b"))
                .containsExactly("1|y");
        assertRefused(spec(write("quotes.csv", "\"\"", "1")), "has no column prompt", "unnamed");
    }

    @Test
    void aFieldBeyondTheBoundIsLeftOutOfItsRecordAlone() throws IOException {
        String text = "id,prompt,n\n1,\"" + "x".repeat(5000) + "\",2\n3," + ",".repeat(5000) + "\n4,a,b\n5,\""
                + "y\n".repeat(5000);
        List<CsvRecords.CsvRecord> records = new ArrayList<>();
        try (CsvRecords read = new CsvRecords(new ByteArrayInputStream(bytes(text)), 1000)) {
            for (CsvRecords.CsvRecord next = read.next(); next != null; next = read.next()) {
                records.add(next);
            }
        }

        assertThat(records).hasSize(5);
        assertThat(records.get(1).fault()).contains("field 2 is left out", "more than 1000 bytes");
        assertThat(records.get(1).fields()).element(1).isNull();
        assertThat(records.get(1).fields()).element(2).isEqualTo(bytes("2"));
        assertThat(records.get(2).fault()).contains("more than 1000 bytes");
        assertThat(records.get(2).fields()).hasSizeLessThan(100);
        assertThat(records.get(3).fault()).isNull();
        assertThat(records.get(4).fault()).contains("the quote of field 2 does not end");
        assertThat(records.get(4).line()).isEqualTo(5);
        assertThat(records.get(4).fields()).containsExactly(bytes("5"), null);
    }

    @Test
    void aListIsAJsonArrayInAText() {
        assertThat(texts(
                        overriding(
                                write(
                                        "in.csv",
                                        "id,prompt,stop,max_new_tokens",
                                        "1,x,\"[\"\"a\"\"]\",4",
                                        "2,x,[/INST],",
                                        "3,x,[1],",
                                        "4,x,a,5"),
                                "stop",
                                "max_new_tokens"),
                        "row_id",
                        InputRows.OVERRIDES))
                .containsExactly(
                        "1|{\"stop\":[\"a\"],\"max_new_tokens\":\"4\"}",
                        "2|{\"stop\":\"[/INST]\"}",
                        "3|{\"stop\":\"[1]\"}",
                        "4|{\"stop\":\"a\",\"max_new_tokens\":\"5\"}");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
