package io.spikelet.job.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Lines whose structure makes inference of a schema expensive, among good ones: what is beyond the bounds is the JSON that
 * stood there, and no row is lost. Without the bounds these take minutes, all memory, or have no end.
 */
@Timeout(120)
final class HostileLinesTest extends InputCasesTest {
    private static final String GOOD = "{\"id\": \"good-%d\", \"prompt\": \"And\", \"meta\": {\"x\": 1}}";

    @ParameterizedTest
    @ValueSource(ints = {70, 85, 100, 150})
    void levelsOfObjectsEndAsText(int levels) {
        String inner = "{\"a\":".repeat(levels) + "1" + "}".repeat(levels);
        InputSpec spec = spec(among("{\"id\": \"deep\", \"prompt\": \"The\", \"meta\": " + inner + "}"));

        assertThat(texts(spec, "row_id", InputRows.TEXT, "error_class", "meta.x"))
                .containsExactly("deep|The|null|null", "good-1|And|null|1", "good-2|And|null|1");
        String step = "a.".repeat(JsonShape.MOST_LEVELS - 1) + "a";
        assertThat(texts(spec, "row_id", "meta." + step).getFirst())
                .isEqualTo("deep|" + "{\"a\":".repeat(levels - JsonShape.MOST_LEVELS) + "1"
                        + "}".repeat(levels - JsonShape.MOST_LEVELS));
    }

    @Test
    void nineHundredNestedArraysEndAsText() {
        InputSpec spec = spec(
                among("{\"id\": \"deep\", \"prompt\": \"The\", \"list\": " + "[".repeat(900) + "]".repeat(900) + "}"));

        assertThat(texts(spec, "row_id", InputRows.TEXT, "error_class"))
                .containsExactly("deep|The|null", "good-1|And|null", "good-2|And|null");
        assertThat(read(spec).passThrough().apply("list").dataType().simpleString())
                .isEqualTo("array<".repeat(JsonShape.MOST_LEVELS) + "string" + ">".repeat(JsonShape.MOST_LEVELS));
    }

    @Test
    void anObjectOfTwentyThousandKeysIsOneText() {
        String wide =
                IntStream.range(0, 20_000).mapToObj(i -> "\"k" + i + "\":" + i).collect(Collectors.joining(","));
        InputSpec spec = spec(among("{\"id\": \"wide\", \"prompt\": \"The\", \"meta\": {" + wide + "}}"));

        assertThat(texts(spec, "row_id", "error_class", "meta"))
                .containsExactly("good-1|null|{\"x\": 1}", "good-2|null|{\"x\": 1}", "wide|null|{" + wide + "}");
    }

    /** Ten new keys in each row, in an object or as columns. */
    @ParameterizedTest
    @CsvSource({"true, meta", "false, other_columns"})
    void threeThousandKeysInThreeHundredRowsAreOneText(boolean isNested, String column) {
        String[] lines = IntStream.range(0, 300)
                .mapToObj(row -> {
                    String keys = IntStream.range(0, 10)
                            .mapToObj(key -> "\"k" + (10 * row + key) + "\":" + key)
                            .collect(Collectors.joining(","));
                    String fields = isNested ? "\"meta\": {" + keys + "}" : keys;
                    return String.format(Locale.ROOT, "{\"id\": \"r%03d\", \"prompt\": \"And\", %s}", row, fields);
                })
                .toArray(String[]::new);
        InputSpec spec = spec(write("keys.jsonl", lines));

        assertThat(texts(spec, "row_id", "error_class", column))
                .hasSize(300)
                .first()
                .isEqualTo("r000|null|{"
                        + IntStream.range(0, 10)
                                .mapToObj(key -> "\"k" + key + "\":" + key)
                                .collect(Collectors.joining(","))
                        + "}");
        assertThat(fields(read(spec).passThrough())).isLessThanOrEqualTo(JsonShape.MOST_FIELDS);
    }

    /** Each makes Spark's names ambiguous, or is a name that the plan itself uses. */
    @ParameterizedTest
    @CsvSource({
        "ID, ID_2",
        "Id, Id_2",
        "PROMPT, PROMPT_2",
        "'', unnamed",
        "__spikelet_x, spikelet_x",
        "__spikelet_text, spikelet_text",
        "__spikelet_slice, spikelet_slice",
        "__spikelet_line, spikelet_line",
        "__spikelet_place, spikelet_place",
        "__spikelet_content, spikelet_content",
        "__SPIKELET_FILE, SPIKELET_FILE",
    })
    void aKeyThatIsTakenPassesThroughUnderAnother(String key, String column) {
        InputSpec spec = spec(among("{\"id\": \"odd\", \"prompt\": \"The\", \"" + key + "\": \"kept\"}"));

        assertThat(texts(spec, "row_id", InputRows.TEXT, "error_class", column))
                .containsExactly("good-1|And|null|null", "good-2|And|null|null", "odd|The|null|kept");
    }

    private Path among(String line) {
        return write("in.jsonl", GOOD.formatted(1), line, GOOD.formatted(2));
    }

    private static int fields(DataType type) {
        return type instanceof StructType struct
                ? struct.size()
                        + IntStream.range(0, struct.size())
                                .map(i -> fields(struct.apply(i).dataType()))
                                .sum()
                : 0;
    }
}
