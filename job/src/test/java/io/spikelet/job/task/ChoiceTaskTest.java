package io.spikelet.job.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.job.UsageException;
import java.util.List;
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
}
