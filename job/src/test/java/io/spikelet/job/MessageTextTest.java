package io.spikelet.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class MessageTextTest {
    @Test
    void aLineHasNoLineBreaksAndShowsWhatATerminalWouldObey() {
        assertThat(MessageText.line("missing:\n  a\r\n  b\n")).isEqualTo("missing: a b");
        assertThat(MessageText.line("a  b\tc")).isEqualTo("a  b c");
        assertThat(MessageText.line("key \u001b[31mred\u0007\u0000\u009b\u202e"))
                .isEqualTo("key \\u001b[31mred\\u0007\\u0000\\u009b\\u202e");
        assertThat(MessageText.line("   ")).isEmpty();
        assertThat(MessageText.line(null)).isNull();
        assertThat(MessageText.visible("a\n\tb\u001b]0;title\u0007\r"))
                .isEqualTo("a\n\tb\\u001b]0;title\\u0007\\u000d");
    }

    @Test
    void aLineIsBoundedAndCutsNoCharacterInHalf() {
        for (String unit : new String[] {"x", "\ud83d\ude00", "\u0007", " y", "\t\t\t\t\t\t\t\t\t\t\t\ty"}) {
            String line = MessageText.line("begin" + unit.repeat(100_000));

            assertThat(line.length()).isBetween(1_000, MessageText.MOST_CHARACTERS);
            assertThat(line).startsWith("begin").endsWith("characters)");
            assertThat(line.codePoints().filter(c -> c >= 0xd800 && c <= 0xdfff))
                    .isEmpty();
        }
        assertThat(MessageText.line("y".repeat(MessageText.MOST_CHARACTERS))).hasSize(MessageText.MOST_CHARACTERS);
    }

    /** With a time that is the square of the length it would take hours. */
    @Test
    @Timeout(60)
    void blanksTakeNoLongerThanLetters() {
        String blanks = " ".repeat(4_000_000);

        assertThat(MessageText.line("a" + blanks + "b" + blanks)).startsWith("a  ");
        assertThat(MessageText.line("a" + blanks + "\n" + blanks + "b")).isEqualTo("a b");
    }
}
