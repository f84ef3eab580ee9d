package io.spikelet.job.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.job.UsageException;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ChoiceTaskTest {
    private static final String TASK = """
            name: own
            description: a task
            text: question
            context: "Q: {question|strip}"
            choices: ["{a}", "{b}"]
            answer: {column: label, from: 0}
            """;

    private static final ItemFields FIELDS = new ItemFields(
            "question", new StructType().add("a", "string").add("b", "string").add("label", "int"));

    @Test
    void readsATask() {
        ChoiceTask task = ChoiceTask.parse(TASK, "own.yaml");

        assertThat(task.name()).isEqualTo("own");
        assertThat(task.delimiter()).isEqualTo(" ");
        assertThat(task.isCloze()).isFalse();
        assertThat(task.normalized()).isTrue();
        assertThat(task.context().paths()).containsExactly("question");
        assertThat(task.continuation().hasChoice()).isTrue();
    }

    @Test
    void anythingThatItDoesNotKnowIsAnError() {
        assertRefused(TASK + "colour: red\n", "the key colour", "description", "normalized");
        assertRefused(TASK + "name: again\n", "Duplicate", "name");
        assertRefused(TASK.replace("from: 0", "form: 0"), "form");
        assertRefused(TASK.replace("{question|strip}", "{question|shout}"), "'shout' is no filter", "strip, lstrip");
        assertRefused(TASK.replace("{question|strip}", "{question"), "brace without its other");
        assertRefused(TASK.replace("{question|strip}", "{que stion}"), "{que stion}", "no column");
        assertRefused(TASK.replace("from: 0", "from: zero"), "Integer");
        assertRefused(TASK + "filters: [polish]\n", "'polish' is no filter");
        assertRefused("", "No content");
        assertRefused("~", "empty");
    }

    @Test
    void whatIsMissingOrContradictoryIsAnError() {
        assertRefused(TASK.replace("name: own\n", ""), "no name");
        assertRefused(TASK.replace("text: question\n", ""), "which column must hold a text");
        assertRefused(TASK.replace("answer: {column: label, from: 0}\n", ""), "both choices and answer");
        assertRefused(TASK.replace("from: 0", "from: 0, among: labels"), "either from");
        assertRefused(TASK.replace("column: label, from: 0", "always: 1, column: label"), "no place for other keys");
        assertRefused(TASK + "continuation: same\n", "{choice} must be in context or continuation");
        assertRefused(TASK.replace("[\"{a}\", \"{b}\"]", "[]"), "list of texts");
        assertRefused(TASK.replace("[\"{a}\", \"{b}\"]", "[1, 2]"), "quotation marks");
        assertRefused(TASK.replace("{a}", "{choice}"), "cannot hold {choice}");
    }

    @Test
    void whatYamlHasToReferToOthersIsRefused() {
        assertRefused(
                TASK.replace("name: own", "name: &n own") + "delimiter: *n\n",
                "line 7",
                "anchors (&name) and aliases (*name)",
                "in quotes");
        assertRefused(TASK + "<<: {delimiter: x}\n", "<< merges nothing");
        assertRefused(TASK + "---\nname: other\n", "a second document", "delete the line ---");
        assertRefused("---\n" + TASK + "...\n---\nother\n", "a second document");
        assertRefused(TASK + "# " + "x".repeat(1 << 16), "a task has at most 65536");
        assertThat(ChoiceTask.parse("---\n" + TASK + "delimiter: \"*n\"\n", "own.yaml")
                        .delimiter())
                .isEqualTo("*n");
        assertThat(ChoiceTask.parse(TASK + "delimiter: no\n", "own.yaml").delimiter())
                .isEqualTo("no");
    }

    private static void assertRefused(String yaml, String... parts) {
        assertThatThrownBy(() -> ChoiceTask.parse(yaml, "own.yaml"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("own.yaml")
                .hasMessageContainingAll(parts);
    }

    @Test
    void aDoubledBraceStandsForItself() {
        assertThat(ChoiceTemplate.parse("{{a}} {b}").parts())
                .extracting(ChoiceTemplate.Part::literal)
                .containsExactly("{", "a", "}", " ", null);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "capitalize;\"éCOLE des Chats\";\"École des chats\"",
                "capitalize;\"\";\"\"",
                "wikihow;\"  How [title] Mix  it. [step] Pour.[x]  \";\"How. Mix it. Pour.\"",
                "before_blank;\"the _ had _ fun\";\"the \"",
                "after_blank;\"the _ had _ fun \";\"had _ fun\"",
                "last_word;\"one two  three\";\"three\"",
                "last_word;\"one\";\"one\"",
                "all_but_last_word;\"one two  three\";\"one two \"",
                "all_but_last_word;\"one\";\"\"",
                "lstrip;\"  a \";\"a \"",
            })
    void filtersGiveWhatTheHarnessGives(String filter, String text, String expected) {
        assertThat(TextFilter.named(filter).apply(text)).isEqualTo(expected);
    }

    @Test
    void aSentenceWithoutABlankIsMalformed() {
        for (String filter : List.of("before_blank", "after_blank")) {
            assertThatThrownBy(() -> TextFilter.named(filter).apply("no gap"))
                    .isInstanceOf(MalformedItemException.class)
                    .hasMessageContaining("no gap");
        }
    }

    @Test
    void filtersTakeLinearTime() {
        int many = 2_000_000;
        assertThat(TextFilter.named("capitalize").apply("\u0130".repeat(many)))
                .hasSize(1 + 2 * (many - 1))
                .startsWith("\u0130i\u0307i\u0307");
        assertThat(TextFilter.named("capitalize").apply("\u03a3".repeat(many)))
                .hasSize(many)
                .endsWith("\u03c3\u03c2");
        assertThat(TextFilter.named("capitalize").apply("\u03a3'".repeat(many))).hasSize(2 * many);
        assertThat(TextFilter.named("wikihow").apply("[".repeat(many))).hasSize(many);
        assertThat(TextFilter.named("wikihow").apply("[\n]".repeat(many))).hasSize(3 * many);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a [x] b        | 'a b'
            [x][y]z        | z
            [a [b] c]      | ' c]'
            ]a[            | ]a[
            a[b            | a[b
            """)
    void bracketsGoAsTheirFirstClosingOneSays(String text, String expected) {
        assertThat(TextFilter.named("wikihow").apply(text)).isEqualTo(expected);
        assertThat(TextFilter.named("wikihow").apply("[a\n]")).isEqualTo("[a\n]");
    }

    @Test
    void lowerCaseIsThatOfTheJdkButInLinearTime() {
        String letters = "aB\u0130\u03a3\u03a9'. \u0307\u00dfI\u01c5\ud801\udc00";
        Random random = new Random(12);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(12); length > 0; length--) {
                int at = letters.offsetByCodePoints(0, random.nextInt(letters.codePointCount(0, letters.length())));
                text.appendCodePoint(letters.codePointAt(at));
            }
            String plain = text.toString().replace("\u03a3", "");
            assertThat(LowerCase.of(plain)).as("seed 12").isEqualTo(plain.toLowerCase(Locale.ROOT));
        }
        assertThat(LowerCase.of("\u039f\u0394\u039f\u03a3 \u03a3\u0391 A\u03a3'A A\u03a3' \u03a3"))
                .isEqualTo("\u03bf\u03b4\u03bf\u03c2 \u03c3\u03b1 a\u03c3'a a\u03c2' \u03c3");
    }

    @Test
    void anyNumberOfFiltersIsRead() {
        String filters = "|strip".repeat(50_000);
        assertThat(ChoiceTemplate.parse("{a" + filters + "}").parts().getFirst().filters())
                .hasSize(50_000);
        assertThatThrownBy(() -> ChoiceTemplate.parse("{a" + filters + "|}"))
                .isInstanceOf(UsageException.class)
                .message()
                .contains("is no column")
                .hasSizeLessThan(2000);
    }

    @Test
    void aTaskFileMayHaveThousandsOfFilters() {
        String inTemplate = "|strip".repeat(2_000);
        String asList = "strip, ".repeat(2_000);

        ChoiceTask task = ChoiceTask.parse(
                TASK.replace("{question|strip}", "{question" + inTemplate + "}") + "filters: [" + asList + "strip]\n",
                "own.yaml");

        assertThat(task.context().parts().getLast().filters()).hasSize(2_000);
        assertThat(task.question(FIELDS, item(" why? "), Deadline.NONE).contexts())
                .containsExactly("Q: why?", "Q: why?");
    }

    @Test
    void messagesDoNotGrowWithTheTask() {
        String filler = "y".repeat(60_000);
        for (String yaml : List.of(
                TASK + filler + ": red\n",
                TASK.replace("name: own", "name: [" + filler + "]"),
                TASK.replace("{question|strip}", "{question|" + filler + "}"),
                TASK.replace("{question|strip}", "{" + filler + " x}"),
                TASK.replace("{question|strip}", "{" + filler),
                TASK.replace("from: 0", "from: " + filler),
                TASK.replace("from: 0", filler + ": 0"),
                TASK.replace("[\"{a}\", \"{b}\"]", "[{" + filler + ": 1}]"),
                TASK + "filters: [" + filler + "]\n",
                TASK + "\"" + filler)) {
            assertThatThrownBy(() -> ChoiceTask.parse(yaml, "own.yaml"))
                    .as(yaml.replace(filler, "filler"))
                    .isInstanceOf(UsageException.class)
                    .message()
                    .contains("own.yaml")
                    .hasSizeLessThan(2000);
        }
    }

    @Test
    void theTimeOfARowHoldsForItsFilters() {
        ChoiceTask task = ChoiceTask.parse(TASK, "own.yaml");
        Row item = item(" why? ");

        assertThat(task.question(FIELDS, item, Deadline.NONE).contexts()).containsExactly("Q: why?", "Q: why?");
        assertThatThrownBy(() -> task.question(FIELDS, item, new Deadline(System.nanoTime() - 2_000_000_000, 1)))
                .isInstanceOf(DeadlineException.class)
                .hasMessageContaining("within 1.0 s");
    }

    private static Row item(String question) {
        Object[] values = new Object[SourceRow.PASS_THROUGH + 3];
        values[SourceRow.TEXT] = question;
        values[SourceRow.PASS_THROUGH] = "x";
        values[SourceRow.PASS_THROUGH + 1] = "y";
        values[SourceRow.PASS_THROUGH + 2] = 1;
        return RowFactory.create(values);
    }
}
