package io.spikelet.engine.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.ByteTokenizer;
import io.spikelet.engine.Fixtures;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.engine.token.sentencepiece.SentencePieceTokenizer;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Where texts end, whatever the tokens that they come in. */
class StopStringMatcherTest {
    private static final Tokenizer BYTES = new ByteTokenizer();
    private static final int FIRST_BYTE = 20;

    /** The text after the ids up to the one that stops it, or all of them. */
    private static String cut(Tokenizer tokenizer, int[] ids, int minTokens, String... stops) {
        StopStringMatcher text = new StopStringMatcher(List.of(stops), tokenizer, new int[0]);
        for (int i = 0; i < ids.length; i++) {
            if (text.add(ids[i], i + 1 >= minTokens)) {
                return (i + 1) + ":" + text.text();
            }
        }
        return (text.finish() ? "end:" : "none:") + text.text();
    }

    private static String cut(String text, String... stops) {
        return cut(BYTES, BYTES.encode(text), 0, stops);
    }

    @Test
    void aStopAcrossTokensCutsTheTextBeforeItsFirstCharacter() {
        assertThat(cut("one END two", "END")).isEqualTo("7:one ");
        assertThat(cut("ENEND", "END")).isEqualTo("5:EN");
        assertThat(cut("END", "END")).isEqualTo("3:");
        assertThat(cut("one EN", "END")).isEqualTo("none:one EN");
    }

    @Test
    void aCharacterThatIsNotCompleteIsNoText() {
        String text = "caf\u00e9 \u65e5\u672c \ud83d\ude00!";
        assertThat(BYTES.encode("\u65e5")).hasSize(3);
        assertThat(cut(text, "\u672c")).isEqualTo("12:caf\u00e9 \u65e5");
        assertThat(cut(text, "\u00e9 \u65e5")).isEqualTo("9:caf");
        assertThat(cut(text, "\ud83d\ude00")).isEqualTo("17:caf\u00e9 \u65e5\u672c ");
        assertThat(cut(text, "\u65e6")).as("shares its first two bytes").isEqualTo("none:" + text);
    }

    @Test
    void ofSeveralTheOneThatIsCompleteFirstCutsAndTheLongestOfThoseThatEndTogether() {
        assertThat(cut("xabcd", "abcd", "b")).isEqualTo("3:xa");
        assertThat(cut("xabcd", "bc", "abc", "c")).isEqualTo("4:x");
    }

    @Test
    void theCutDoesNotDependOnTheTokens() throws IOException {
        Tokenizer pieces =
                SentencePieceTokenizer.load(Fixtures.projectRoot().resolve("datasets/models/tiny/tokenizer.model"));
        String text = "And the LORD said unto the whale, caf\u00e9 \u65e5\u672c: let the sea be still.";
        int[] whole = pieces.encode(text);
        assertThat(whole).as("pieces hold several characters").hasSizeLessThan(text.length());
        String decoded = pieces.decode(whole);
        assertThat(decoded).isEqualTo(text);
        for (String stop : List.of("ORD", "D said", "e, c", "\u65e5\u672c", "\u672c: l", "sea be still.")) {
            String before = text.substring(0, text.indexOf(stop));
            assertThat(cut(pieces, whole, 0, stop)).endsWith(":" + before);
            assertThat(cut(text, stop)).endsWith(":" + before);
        }
        assertThat(cut(pieces, whole, 0, "no such text")).isEqualTo("none:" + decoded);
    }

    @Test
    void stopsWithinTheFirstTokensAreOverlookedForGood() {
        int[] ids = BYTES.encode("a.b.c.");

        assertThat(cut(BYTES, ids, 0, ".")).isEqualTo("2:a");
        assertThat(cut(BYTES, ids, 2, ".")).isEqualTo("2:a");
        assertThat(cut(BYTES, ids, 3, ".")).isEqualTo("4:a.b");
        assertThat(cut(BYTES, ids, 4, "b.")).as("begins before").isEqualTo("4:a.");
        assertThat(cut(BYTES, ids, 7, ".")).isEqualTo("none:a.b.c.");
    }

    @Test
    void whatIsHeldBackAtTheEndIsTextThen() {
        int[] ids = IntStream.of('a', 0xe6, 0x97).map(b -> FIRST_BYTE + b).toArray();

        assertThat(cut(BYTES, ids, 0, "\ufffd")).isEqualTo("end:a");
        assertThat(cut(BYTES, ids, 0, "b")).startsWith("none:a\ufffd");
    }
}
