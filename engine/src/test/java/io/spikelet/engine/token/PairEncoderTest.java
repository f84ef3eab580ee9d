package io.spikelet.engine.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.ByteTokenizer;
import io.spikelet.engine.token.PairEncoder.Pair;
import io.spikelet.engine.token.PairEncoder.PrefixRule;
import io.spikelet.engine.token.sentencepiece.TinyTokenizer;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Pieces of the bundled tokenizer: 356 ▁The, 323 ▁wh, 1527 ▁whale, 332 ▁is, 1346 ▁sea, 4024 ▁, 199 and 173 the bytes of é. */
class PairEncoderTest {
    private static final int BOS = 1;

    private static Tokenizer tokenizer;

    @BeforeAll
    static void load() throws IOException {
        tokenizer = TinyTokenizer.load();
    }

    private static void assertPair(Pair pair, int[] context, int... continuation) {
        assertThat(pair.context()).containsExactly(context);
        assertThat(pair.continuation()).containsExactly(continuation);
    }

    private static Pair encode(String context, String continuation) {
        return new PairEncoder(tokenizer, PrefixRule.EMPTY_CONTEXT).encode(context, continuation);
    }

    private static int[] ids(int... ids) {
        return ids;
    }

    @Test
    void cutsTheJointEncodingAfterAsManyIdsAsTheContextHasAlone() {
        assertPair(encode("The", " whale is"), ids(356), 1527, 332);
    }

    @Test
    void spaceAtTheEndOfTheContextMovesToTheContinuation() {
        assertPair(encode("The ", "whale is"), ids(356), 1527, 332);
        for (String space : new String[] {"\u00a0", "\u3000", "\n", "\u2028", "\u0085", "\u001f"}) {
            assertThat(encode("The" + space, "sea").context()).containsExactly(356);
            assertThat(encode("The" + space, "sea").continuation())
                    .isEqualTo(Arrays.stream(tokenizer.encode("The" + space + "sea"))
                            .skip(1)
                            .toArray());
        }
    }

    @Test
    void aPieceAcrossTheBorderIsCutByCountLikeInTheHarness() {
        // alone ▁The ▁wh; together ▁The ▁whale ▁is: two ids are the context's, whatever they spell
        assertPair(encode("The wh", "ale is"), ids(356, 323), 332);
    }

    @Test
    void aPieceAcrossTheBorderThatLeavesNothingIsScoredItself() {
        // alone ▁The ▁wh; together ▁The ▁whale: the harness has nothing to score and stops
        assertPair(encode("The wh", "ale"), ids(356), 1527);
    }

    @Test
    void aPieceThatSwallowsTheWholeContextFollowsThePrefix() {
        assertPair(encode("wh", "ale"), ids(BOS), 1527);
    }

    @Test
    void anEmptyContextIsThePrefix() {
        assertPair(encode("", "The sea"), ids(BOS), 356, 1346);
        assertPair(encode(" ", "sea"), ids(BOS), 4024, 1346);
    }

    @Test
    void anEmptyContinuationHasNoIds() {
        assertPair(encode("The sea", ""), ids(356, 1346));
        assertPair(encode("The sea", " "), ids(356, 1346), 4024);
        assertPair(encode("", ""), ids(BOS));
    }

    @Test
    void multiByteTextIsCutBetweenBytesOfItsPieces() {
        assertPair(encode("The", "é"), ids(356), 199, 173);
    }

    @Test
    void thePrefixCanStandBeforeEveryContext() {
        PairEncoder encoder = new PairEncoder(tokenizer, PrefixRule.EVERY_CONTEXT);
        assertPair(encoder.encode("The", " whale"), ids(BOS, 356), 1527);
        assertPair(encoder.encode("", " whale"), ids(BOS), 4024, 1527);
    }

    @Test
    void refusesATokenizerWithoutBos() {
        Tokenizer without = new ByteTokenizer() {
            @Override
            public int bosId() {
                return -1;
            }
        };
        assertThatThrownBy(() -> new PairEncoder(without, PrefixRule.EMPTY_CONTEXT))
                .hasMessageContaining("BOS");
    }
}
