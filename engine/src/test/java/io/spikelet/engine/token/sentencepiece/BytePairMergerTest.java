package io.spikelet.engine.token.sentencepiece;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.token.MergeQueue;
import io.spikelet.engine.token.Utf8;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BytePairMergerTest {
    private static final long SEED = 4242;

    /** With blanks at the start of pieces only, words are merged one by one; with blanks inside, the text as a whole. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void mergesTheBestPairFirstAndTheLeftmostOfEquals(boolean blanksInside) {
        Random random = new Random(SEED);
        for (int round = 0; round < 40; round++) {
            Map<String, Float> scores = scores(random, blanksInside);
            SyntheticModel model = SyntheticModel.withBytes().whitespace(false, false, true);
            scores.forEach((piece, score) -> model.piece(piece, score, PieceKind.NORMAL));
            SentencePieceTokenizer tokenizer = model.tokenizer();
            for (int i = 0; i < 50; i++) {
                String text = word(random, random.nextInt(60));
                List<String> pieces = new ArrayList<>();
                for (int id : tokenizer.encode(text.replace('\u2581', ' '))) {
                    pieces.add(tokenizer.piece(id));
                }
                assertThat(pieces)
                        .as("seed %d round %d text %d", SEED, round, i)
                        .isEqualTo(plainMerge(scores, text));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void windowsGiveTheIdsOfTheWhole(boolean blanksInside) {
        Random random = new Random(SEED);
        for (int round = 0; round < 60; round++) {
            Map<String, Float> scores = scores(random, blanksInside);
            SyntheticModel model = SyntheticModel.withBytes().whitespace(false, false, true);
            scores.forEach((piece, score) -> model.piece(piece, score, PieceKind.NORMAL));
            Vocabulary vocabulary = new Vocabulary(ModelProtoReader.read(model.bytes()), List.of());
            for (int i = 0; i < 20; i++) {
                String text = i % 4 == 0
                        ? word(random, 1 + random.nextInt(3)).repeat(1 + random.nextInt(600))
                        : word(random, random.nextInt(1500));
                ByteText bytes = new ByteText(16, true);
                bytes.append(Utf8.encode(text));
                assertThat(new BytePairMerger(vocabulary, bytes, false, 64 + random.nextInt(100)).ids())
                        .as("seed %d round %d text %d", SEED, round, i)
                        .isEqualTo(new BytePairMerger(vocabulary, bytes, false, 1 << 20).ids());
            }
        }
    }

    /** What comes last decides where all pieces before it begin, so that no two windows agree. */
    @Test
    void windowsThatNeverAgreeGrowUntilOneHoldsTheStretch() {
        SyntheticModel model = SyntheticModel.withBytes().whitespace(false, false, true);
        for (int letter = 0; letter < 400; letter++) {
            String pair = Character.toString(0x4E00 + letter) + Character.toString(0x4E00 + letter + 1);
            model.piece(Character.toString(0x4E00 + letter), -10_000, PieceKind.NORMAL)
                    .piece(pair, letter, PieceKind.NORMAL);
        }
        Vocabulary vocabulary = new Vocabulary(ModelProtoReader.read(model.bytes()), List.of());
        for (int length : new int[] {397, 398, 399, 400}) {
            StringBuilder text = new StringBuilder();
            for (int letter = 0; letter < length; letter++) {
                text.appendCodePoint(0x4E00 + letter);
            }
            ByteText bytes = new ByteText(16, true);
            bytes.append(Utf8.encode(text.toString()));
            int[] whole = new BytePairMerger(vocabulary, bytes, false, 1 << 20).ids();
            assertThat(whole).hasSize((length + 1) / 2);
            assertThat(new BytePairMerger(vocabulary, bytes, false, 40).ids()).isEqualTo(whole);
        }
    }

    private static Map<String, Float> scores(Random random, boolean blanksInside) {
        Map<String, Float> scores = new HashMap<>();
        "abcd\u2581".chars().forEach(c -> scores.put(Character.toString(c), -100f));
        while (scores.size() < 60) {
            String piece = word(random, 1 + random.nextInt(5));
            if (blanksInside || piece.lastIndexOf('\u2581') <= 0) {
                scores.put(piece, (float) -random.nextInt(30));
            }
        }
        return scores;
    }

    private static String word(Random random, int length) {
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < length; i++) {
            word.append("abcd\u2581".charAt(random.nextInt(5)));
        }
        return word.toString();
    }

    private static List<String> plainMerge(Map<String, Float> scores, String text) {
        List<String> symbols = new ArrayList<>(List.of(text.split("")));
        symbols.remove("");
        while (true) {
            int best = -1;
            for (int i = 0; i + 1 < symbols.size(); i++) {
                Float score = scores.get(symbols.get(i) + symbols.get(i + 1));
                if (score != null && (best < 0 || score > scores.get(symbols.get(best) + symbols.get(best + 1)))) {
                    best = i;
                }
            }
            if (best < 0) {
                return symbols;
            }
            symbols.set(best, symbols.get(best) + symbols.remove(best + 1));
        }
    }

    @Test
    void theQueueGivesItsKeysInOrder() {
        Random random = new Random(SEED);
        MergeQueue queue = new MergeQueue();
        PriorityQueue<Long> expected = new PriorityQueue<>();
        for (int i = 0; i < 20_000; i++) {
            if (random.nextInt(5) < 3) {
                long key = random.nextInt(500);
                queue.add(key);
                expected.add(key);
            } else if (!expected.isEmpty()) {
                assertThat(queue.remove()).isEqualTo(expected.remove());
            }
        }
        while (!expected.isEmpty()) {
            assertThat(queue.remove()).isEqualTo(expected.remove());
        }
        assertThat(queue.isEmpty()).isTrue();
    }
}
