package io.spikelet.engine.token.sentencepiece;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.token.BosPolicy;
import io.spikelet.engine.token.RandomText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

final class SentencePieceTokenizerTest {
    private static final long SEED = 7_041_776;

    @Test
    void readsTheTinyVocabulary() throws IOException {
        SentencePieceTokenizer tokenizer = TinyTokenizer.load();

        assertThat(tokenizer.vocabSize()).isEqualTo(4096);
        assertThat(tokenizer.bosId()).isEqualTo(1);
        assertThat(tokenizer.eosId()).isEqualTo(2);
        assertThat(tokenizer.unknownId()).isEqualTo(3);
        for (int id = 0; id < tokenizer.vocabSize(); id++) {
            assertThat(tokenizer.id(tokenizer.piece(id))).hasValue(id);
        }
        assertThat(tokenizer.id("")).isEmpty();
        assertThat(tokenizer.id("no such piece")).isEmpty();
    }

    @Test
    void emptyTextHasNoIds() throws IOException {
        SentencePieceTokenizer tokenizer = TinyTokenizer.load();

        assertThat(tokenizer.encode("")).isEmpty();
        assertThat(tokenizer.decode(new int[0])).isEmpty();
        assertThat(tokenizer.streamDecoder().finish()).isEmpty();
    }

    @Test
    void decodingReturnsEveryTextThatWasEncodedWithTheIdentityNormalizer() throws IOException {
        SentencePieceTokenizer tokenizer = TinyTokenizer.load();
        RandomText random = new RandomText(SEED);

        for (int i = 0; i < 2000; i++) {
            // the escape of the blank is the one character that reads back as another
            String text = random.next(1 + i % 50).replace(Vocabulary.SPACE, "_") + (i % 7 == 0 ? "\0" : "");
            assertThat(tokenizer.decode(tokenizer.encode(text)))
                    .as("seed %d text %d", SEED, i)
                    .isEqualTo(text);
        }
    }

    @Test
    void decodesPartOfAnArray() throws IOException {
        SentencePieceTokenizer tokenizer = TinyTokenizer.load();
        int[] ids = tokenizer.encode("And the LORD said unto Moses");

        assertThat(tokenizer.decode(ids, 0, 2) + tokenizer.piece(ids[2]).replace(Vocabulary.SPACE, " "))
                .isEqualTo(tokenizer.decode(ids, 0, 3));
        assertThat(tokenizer.decode(ids, 2, 2)).isEmpty();
        assertThatThrownBy(() -> tokenizer.decode(ids, 1, ids.length + 1))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void surrogatesWithoutTheirPartnerAreEncodedAsReplacementCharacters() throws IOException {
        SentencePieceTokenizer tokenizer = TinyTokenizer.load();

        for (String lone : List.of("\uD83D", "\uDE00", "\uDE00\uD83D", "a\uD83D\uD83D\uDE00", "\uD83D\uDE00\uDE00b")) {
            String mended = lone.replace("\uD83D\uDE00", "!")
                    .replace('\uD83D', '\uFFFD')
                    .replace('\uDE00', '\uFFFD')
                    .replace("!", "\uD83D\uDE00");
            assertThat(tokenizer.encode(lone)).isEqualTo(tokenizer.encode(mended));
        }
    }

    @Test
    void longTextsWithoutAnyBlankAreMergedWhole() throws IOException {
        SentencePieceTokenizer tokenizer = TinyTokenizer.load();
        Random random = new Random(SEED);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 500_000; i++) {
            text.append((char) ('a' + random.nextInt(26)));
        }

        int[] ids = tokenizer.encode(text.toString());

        assertThat(ids.length).isLessThan(text.length());
        assertThat(tokenizer.decode(ids)).isEqualTo(text.toString());
    }

    @Test
    void matchesTheLongestUserDefinedSymbolWholeAndWhereverItStands() {
        SentencePieceTokenizer tokenizer = SyntheticModel.withBytes()
                .whitespace(true, false, true)
                .piece("a", -3, PieceKind.NORMAL)
                .piece("aa", -1, PieceKind.NORMAL)
                .piece("\u2581", -4, PieceKind.NORMAL)
                .piece("<a>", 0, PieceKind.USER_DEFINED)
                .piece("<a>a", 0, PieceKind.USER_DEFINED)
                .tokenizer();

        assertThat(pieces(tokenizer, "aaa<a>aaa<a>")).containsExactly("\u2581", "aa", "a", "<a>a", "aa", "<a>");
        assertThat(pieces(tokenizer, "<a> <A>"))
                .containsExactly("\u2581", "<a>", "\u2581", "<0x3C>", "<0x41>", "<0x3E>");
    }

    @Test
    void runsOfUnknownCharactersAreOneIdWithoutByteFallback() {
        SentencePieceTokenizer tokenizer = SyntheticModel.empty()
                .trainer(44, " ?? ")
                .piece("a", -1, PieceKind.NORMAL)
                .piece("\u2581", -2, PieceKind.NORMAL)
                .tokenizer();

        assertThat(tokenizer.encode("axyza\uD83D\uDE00")).containsExactly(5, 4, 3, 4, 3);
        assertThat(tokenizer.decode(new int[] {5, 4, 3, 4})).isEqualTo("a ?? a");
    }

    @Test
    void unusedPiecesAreTakenApartAgain() {
        SentencePieceTokenizer tokenizer = SyntheticModel.withBytes()
                .whitespace(false, false, true)
                .piece("a", -9, PieceKind.NORMAL)
                .piece("b", -9, PieceKind.NORMAL)
                .piece("c", -9, PieceKind.NORMAL)
                .piece("ab", -1, PieceKind.UNUSED)
                .piece("abc", -2, PieceKind.NORMAL)
                .tokenizer();

        assertThat(pieces(tokenizer, "abab")).containsExactly("a", "b", "a", "b");
        assertThat(pieces(tokenizer, "abcab")).containsExactly("abc", "a", "b");
    }

    @Test
    void modelsWithoutBosSayWhenItIsWanted() {
        SentencePieceTokenizer tokenizer =
                SyntheticModel.withBytes().trainer(46, "<no-such-piece>").tokenizer();

        assertThat(tokenizer.bosId()).isEqualTo(-1);
        assertThat(BosPolicy.NONE.apply(tokenizer, new int[] {5})).containsExactly(5);
        assertThatThrownBy(() -> BosPolicy.PREPEND.apply(tokenizer, new int[] {5}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no BOS");
    }

    @Test
    void manyThreadsShareOneTokenizer() throws Exception {
        SentencePieceTokenizer tokenizer = TinyTokenizer.load();
        RandomText random = new RandomText(SEED);
        List<String> texts = new ArrayList<>();
        List<int[]> expected = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            texts.add(random.next(80).replace(Vocabulary.SPACE, "_"));
            expected.add(tokenizer.encode(texts.get(i)));
        }
        Callable<Integer> task = () -> {
            for (int i = 0; i < texts.size(); i++) {
                assertThat(tokenizer.encode(texts.get(i))).isEqualTo(expected.get(i));
                assertThat(tokenizer.decode(expected.get(i))).isEqualTo(texts.get(i));
            }
            return texts.size();
        };

        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (Future<Integer> done : threads.invokeAll(List.of(task, task, task, task, task, task, task, task))) {
                assertThat(done.get()).isEqualTo(texts.size());
            }
        }
    }

    private static List<String> pieces(SentencePieceTokenizer tokenizer, String text) {
        List<String> pieces = new ArrayList<>();
        for (int id : tokenizer.encode(text)) {
            pieces.add(tokenizer.piece(id));
        }
        return pieces;
    }
}
