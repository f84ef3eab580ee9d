package io.spikelet.job.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** JSON lines with names, numbers and nesting of every kind. */
final class JsonLinesTest extends InputCasesTest {
    private static final String GOOD = "{\"id\": \"good\", \"prompt\": \"And\", \"meta\": {\"x\": 1}}";

    @Test
    void aDeepRowCostsNoOtherRow() {
        for (int levels : new int[] {20, 120, 600, 20_000}) {
            String objects = "{\"a\":".repeat(levels) + "1" + "}".repeat(levels);
            String arrays = "[".repeat(levels) + "]".repeat(levels);
            Path file = write(
                    "deep.jsonl",
                    GOOD,
                    "{\"id\": \"objects\", \"prompt\": \"The\", \"meta\": " + objects + "}",
                    "{\"id\": \"arrays\", \"prompt\": \"The\", \"list\": " + arrays + "}");

            assertThat(texts(spec(file), "row_id", InputRows.TEXT, "error_class", "meta.x"))
                    .containsExactly("arrays|The|null|null", "good|And|null|1", "objects|The|null|null");
            String below = "meta" + ".a".repeat(JsonShape.MOST_LEVELS);
            assertThat(texts(spec(file), below))
                    .as("what is beyond the bound stays JSON")
                    .contains(objects.substring(5 * JsonShape.MOST_LEVELS, objects.length() - JsonShape.MOST_LEVELS));
        }
        assertThat(texts(spec(fixture("y1/deep120.jsonl")), "row_id", InputRows.TEXT, "error_class"))
                .containsExactly("d|And|null", "e|And|null");
        assertThat(ids(spec(fixture("y1/deep.jsonl")))).isNotEmpty();
        assertThat(ids(spec(fixture("y1/deep250.jsonl")))).isNotEmpty();
    }

    @Test
    void underATemplateAKeyWithoutANameMayHoldAnything() {
        InputSpec spec = spec(write("in.jsonl", "{\"\": 0, \"q\": \"And\"}", "{\"\": 1, \"q\": \"The\"}"));
        RequestSpec template = new RequestSpec(Optional.of(PromptTemplate.parse("Q: {q}")), List.of(), 1, false);
        InputSpec asked = new InputSpec(
                spec.path(), spec.format(), spec.textColumn(), spec.idColumn(), List.of(), spec.limit(), template);

        assertThat(texts(asked, InputRows.TEXT, "unnamed", "error_class"))
                .containsExactlyInAnyOrder("Q: And|0|null", "Q: The|1|null");
    }

    @Test
    void theTextMayStandInTheColumnOfIds() {
        InputSpec spec = spec(write("in.jsonl", "{\"id\": \"And\"}"));

        assertThat(texts(spec.with("id", spec.idColumn()), InputRows.TEXT)).containsExactly("And");
    }

    @Test
    void whatIsBeyondTheBoundsStaysTheTextThatStoodThere() {
        String wide =
                IntStream.range(0, 3_000).mapToObj(i -> "\"k" + i + "\": " + i).collect(Collectors.joining(", "));
        Path file = write("wide.jsonl", GOOD, "{\"id\": \"wide\", \"prompt\": \"The\", \"meta\": {" + wide + "}}");

        assertThat(texts(spec(file), "row_id", "meta")).containsExactly("good|{\"x\": 1}", "wide|{" + wide + "}");
    }

    @Test
    @Timeout(60)
    void soDoesAColumnWithOtherKeysInEveryRow() {
        String[] lines = IntStream.range(0, 300)
                .mapToObj(row -> "{\"id\": \"%03d\", \"prompt\": \"x\", \"tags\": [{%s}], \"x\": {\"y\": 1}}"
                        .formatted(
                                row,
                                IntStream.range(0, 10)
                                        .mapToObj(i -> "\"k" + (10 * row + i) + "\": {\"n\": " + i + "}")
                                        .collect(Collectors.joining(","))))
                .toArray(String[]::new);
        Path file = write("keys.jsonl", lines);

        List<String> warnings = LogLines.during(
                JsonLines.class,
                () -> assertThat(texts(spec(file), "row_id", "tags", "x.y"))
                        .hasSize(300)
                        .first()
                        .asString()
                        .startsWith("000|[{\"k0\": {\"n\": 0},\"k1\"")
                        .endsWith("\"k9\": {\"n\": 9}}]|1"));
        assertThat(warnings).singleElement().asString().contains("values stay JSON text", "in: tags");
    }

    @Test
    void moreNamesThanColumnsShareOne() {
        String wide =
                IntStream.range(0, 3_000).mapToObj(i -> "\"k" + i + "\": " + i).collect(Collectors.joining(", "));
        Path file = write("wide.jsonl", GOOD, "{\"id\": \"wide\", \"prompt\": \"The\", " + wide + "}");

        assertThat(texts(spec(file), "row_id", InputRows.TEXT, "error_class"))
                .containsExactly("good|And|null", "wide|The|null");
        assertThat(texts(spec(file), "other_columns"))
                .anyMatch(others -> others.contains("\"k0\":0") && others.contains("\"k2999\":2999"));
    }

    @Test
    void namesThatDifferInCaseAllPassThrough() {
        assertThat(texts(spec(fixture("a07/nested_case.jsonl")), "row_id", "meta.counts"))
                .containsExactly("c0|{\"the\": 3, \"The\": 1}", "c1|{\"the\": 1}");
        assertThat(texts(spec(fixture("a07/unused_case.jsonl")), "row_id", "headers"))
                .singleElement()
                .asString()
                .contains("{\"etag\": \"a\", \"ETag\": \"b\"}");
        Path file = write(
                "case.jsonl",
                "{\"id\": \"a\", \"prompt\": \"And\", \"ID\": \"b\", \"PROMPT\": \"The\", \"Tag\": 1, \"tag\": 2}",
                "{\"id\": \"c\", \"prompt\": \"And\"}");

        assertThat(texts(spec(file), "row_id", InputRows.TEXT, "ID_2", "PROMPT_2", "Tag", "tag_2"))
                .containsExactly("a|And|b|The|1|2", "c|And|null|null|null|null");
        // the micro sign and the Greek letter, the long s: one name to Spark, but not by their lower case
        Path letters = write(
                "letters.jsonl",
                "{\"id\": \"a\", \"prompt\": \"And\", \"\u00b5s\": 1, \"\u03bcs\": 2, \"m\": {\"\u017f\": 1, \"s\": 2}}");
        assertThat(texts(spec(letters), "row_id", "\u00b5s", "\u03bcs_2", "m"))
                .containsExactly("a|1|2|{\"\u017f\": 1, \"s\": 2}");
    }

    @Test
    void reservedAndEmptyNamesPassThroughUnderAnother() {
        Path file = write(
                "names.jsonl",
                "{\"id\": \"a\", \"prompt\": \"And\", \"\": 1, \"__spikelet_text\": 2, \"__spikelet_slice\": 3, \"__SPIKELET_x\": 4}");

        assertThat(texts(spec(file), "unnamed", "spikelet_text", "spikelet_slice", "SPIKELET_x"))
                .containsExactly("1|2|3|4");
        assertThat(texts(spec(fixture("a09/empty_name.jsonl")), "row_id", "unnamed"))
                .containsExactly("k0|1");
        Row odd = only(spec(fixture("a09/names.jsonl")), "`a.b`", "`a``b`", "`line\nbreak`", "`名前`", "`%41`");
        assertThat(odd.mkString("|")).isEqualTo("1|3|6|7|10");
    }

    @Test
    void valuesPassThroughAsTheyStoodThere() {
        assertThat(ids(spec(fixture("y1/ids.jsonl")))).containsExactly("1.1", "1.10");
        assertThat(ids(spec(
                        write("ids.jsonl", "{\"id\": 1e3, \"prompt\": \"x\"}", "{\"id\": 1000.0, \"prompt\": \"x\"}"))))
                .containsExactly("1000.0", "1e3");
        assertThat(texts(spec(fixture("y1/emptyobj.jsonl")), "row_id", "meta.x"))
                .containsExactly("a|null", "b|{}");
        assertThat(texts(spec(fixture("a09/mixed.jsonl")), "row_id", "v", "w", "big", "e", "z"))
                .containsExactly(
                        "1|1|{\"x\": 1}|12345678901234567890123|{}|null",
                        "1x|one|flat|1e400|{}|null",
                        "2.50|true|[1]|-0.0|{}|null");
        assertThat(texts(
                        spec(
                                write(
                                        "numbers.jsonl",
                                        "{\"id\": 1, \"prompt\": \"x\", \"a\": 9007199254740993, \"b\": 1, \"c\": 0.1}",
                                        "{\"id\": 2, \"prompt\": \"x\", \"a\": 1.5, \"b\": 1.5, \"c\": 0.12345678901234567890}")),
                        "a",
                        "b",
                        "c"))
                .containsExactly("1.5|1.5|0.12345678901234567890", "9007199254740993|1.0|0.1");
        assertThat(texts(spec(fixture("y1/longnum.jsonl")), "error_class")).containsExactly("null", "null");
    }

    @Test
    void aColumnOfAnySizePassesAndATextOfAnySizeIsRead() {
        String large = "x".repeat(21_000_000);
        Path file = write(
                "large.jsonl",
                "{\"id\": \"a\", \"prompt\": \"And\", \"note\": \"" + large + "\", \"n\": " + "1".repeat(5_000) + "}",
                "{\"id\": \"b\", \"prompt\": \"" + large + "\"}");

        assertThat(texts(dropping(file, "note", "n"), "row_id", "error_class")).containsExactly("a|null", "b|null");
    }

    @Test
    void aLineBeyondTheBoundIsABadRowWhoseTextIsNotHeld() {
        String blanks = " ".repeat(LineFiles.MOST_BYTES);
        Path file = write(
                "long.jsonl",
                "{\"id\": \"a\", \"prompt\": \"" + "x".repeat(LineFiles.MOST_BYTES) + "\"}",
                "{\"id\": \"b\", \"prompt\": \"x\"}",
                blanks + " {\"id\": \"c\", \"prompt\": \"x\"}",
                "{\"id\": \"d\", \"prompt\": \"x\"}" + blanks,
                blanks.substring(1));

        List<Row> rows = rows(read(spec(file)).partitioned(1), "error_class", "error_message", InputRows.TEXT);
        assertThat(rows).hasSize(4);
        assertThat(rows.subList(1, 4)).allMatch(row -> row.getString(0).equals("malformed_row"));
        assertThat(rows.get(1).getString(1))
                .contains("line 1: the line has 33554457 bytes; it may have 33554432")
                .hasSizeLessThan(2000);
    }

    @Test
    void whereNoLineIsSoundEveryLineIsABadRow() {
        assertThat(texts(spec(write("bad.jsonl", "{\"id\": \"a\", \"prompt\": 5}", "{\"id\"")), "error_class"))
                .containsExactly("malformed_row", "malformed_row");
        assertThat(texts(spec(fixture("y1/badtail.jsonl")), "error_class")).containsExactly("null", "malformed_row");
    }

    @Test
    void aRowsOverridesAreTheJsonThatStoodThere() {
        assertThat(texts(overriding(fixture("x1/mixed_stop.jsonl"), "temperature", "stop"), InputRows.OVERRIDES))
                .containsExactly(
                        "{\"temperature\":\"warm\",\"stop\":\"the\"}", "{\"temperature\":0.5,\"stop\":[\"the\"]}");
        assertThat(texts(overriding(fixture("x1/one_float.jsonl"), "max_new_tokens"), "row_id", InputRows.OVERRIDES))
                .containsExactly(
                        "bad|{\"max_new_tokens\":4.5}", "ok1|{\"max_new_tokens\":4}", "ok2|{\"max_new_tokens\":4}");
        assertThat(texts(overriding(fixture("d06/floats.jsonl"), "max_new_tokens", "seed"), InputRows.OVERRIDES))
                .contains("null", "{\"max_new_tokens\":4.0,\"seed\":7.0}");
        Path brackets = write(
                "brackets.jsonl",
                "{\"id\": \"a\", \"prompt\": \"x\", \"stop\": \"[/INST]\"}",
                "{\"id\": \"b\", \"prompt\": \"x\", \"stop\": \"[1]\"}",
                "{\"id\": \"c\", \"prompt\": \"x\", \"stop\": \"[\\\"e\\\"]\"}",
                "{\"id\": \"d\", \"prompt\": \"x\", \"stop\": [\"[1]\", \"[\"]}");
        assertThat(texts(overriding(brackets, "stop"), InputRows.OVERRIDES))
                .containsExactly(
                        "{\"stop\":\"[/INST]\"}",
                        "{\"stop\":\"[1]\"}",
                        "{\"stop\":\"[\\\"e\\\"]\"}",
                        "{\"stop\":[\"[1]\", \"[\"]}");
    }
}
