package io.spikelet.engine.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextLengthTest {
    /** Counts from Python 3: {@code len(re.split(r"\s+", text))}. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "''|1",
                "a|1",
                "' '|2",
                "' a'|2",
                "'a '|2",
                "' a '|3",
                "a b|2",
                "a  b|2",
                "a\u00a0b|2",
                "a\u3000b\u2028c|3",
                "a\u200bb|1",
                "a\u180eb|1",
                "a\ufeffb|1"
            })
    void wordsAreCountedLikePythonsSplit(String text, int words) {
        assertThat(TextLength.of(text).words()).isEqualTo(words);
    }

    @Test
    void controlSeparatorsAreSpaceToPython() {
        assertThat(TextLength.of("a\u001cb\u001dc\u001ed\u001fe\u0085f\tg\nh\u000bi\fj\rk")
                        .words())
                .isEqualTo(11);
        assertThat(TextLength.of("a\u001bb\u0000c").words()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ascii",
                "Zürich",
                "日本語 テキスト",
                "😀 emoji 👨‍👩‍👧",
                "\u07ff\u0800\uffff\ud800\udc00",
                "lone \ud83d surrogate"
            })
    void bytesAndCharactersAreThoseOfUtf8(String text) {
        TextLength length = TextLength.of(text);

        assertThat(length.bytes()).isEqualTo(text.getBytes(StandardCharsets.UTF_8).length);
        assertThat(length.characters()).isEqualTo(text.codePointCount(0, text.length()));
    }
}
