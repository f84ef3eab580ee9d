package io.spikelet.engine.family.spikegpt;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.spikelet.engine.ByteTokenizer;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.score.BlockProtocol;
import io.spikelet.engine.score.DocumentScore;
import io.spikelet.engine.score.MemoryStore;
import io.spikelet.engine.score.PerplexityProtocol;
import io.spikelet.engine.score.PrefixPolicy;
import io.spikelet.engine.score.ProgressStore;
import io.spikelet.engine.score.ScoringDocument;
import io.spikelet.engine.score.StreamProtocol;
import io.spikelet.engine.score.TokenScorer;
import io.spikelet.engine.score.TokenScores;
import io.spikelet.engine.tensor.DType;
import io.spikelet.engine.token.Encoding;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Scores of documents: the reference's, with and without a token before the text, and of documents that are taken up again. */
class SpikeGptScoringTest {
    @TempDir
    Path folder;

    /** A character for each id; end of text is 0, and there is no BOS. */
    private static final class IdTokenizer extends ByteTokenizer {
        private static final char FIRST = '\u4e00';

        IdTokenizer(int vocabSize) {
            super(vocabSize);
        }

        static String text(int... ids) {
            return Arrays.stream(ids)
                    .collect(StringBuilder::new, (text, id) -> text.append((char) (FIRST + id)), StringBuilder::append)
                    .toString();
        }

        @Override
        public int bosId() {
            return -1;
        }

        @Override
        public int eosId() {
            return 0;
        }

        @Override
        public int[] encode(String text) {
            return text.chars().map(c -> c - FIRST).toArray();
        }

        @Override
        public Encoding locate(String text) {
            return new Encoding(
                    encode(text),
                    IntStream.rangeClosed(0, text.length()).map(i -> 3 * i).toArray());
        }
    }

    private static TokenScorer scorer(
            SpikingModel model, PrefixPolicy prefix, ProgressStore progress, PerplexityProtocol... protocols) {
        return new TokenScorer(
                model,
                new IdTokenizer(model.config().vocabSize()),
                List.of(protocols),
                new TokenScorer.Options(16, true, Double.POSITIVE_INFINITY, prefix, 1, progress));
    }

    private static List<DocumentScore> score(TokenScorer scorer, String text) {
        return scorer.score(List.of(new ScoringDocument("row", text)).iterator())
                .next()
                .scores();
    }

    /** The sequence {@code second} begins with end of text: what stands before its other tokens with {@code auto}. */
    @ParameterizedTest
    @MethodSource("io.spikelet.engine.family.spikegpt.SpikeGptCase#all")
    void everyTokenIsScoredAfterEndOfTextAndAllButTheFirstWithout(String name, DType weights) {
        SpikeGptCase golden = SpikeGptCase.load(name, weights);
        try (SpikingModel model = golden.open(folder)) {
            for (PrefixPolicy prefix : List.of(PrefixPolicy.AUTO, PrefixPolicy.NONE)) {
                for (String sequence : prefix == PrefixPolicy.AUTO ? List.of("second") : SpikeGptCase.sequences()) {
                    int[] ids = golden.ids(sequence);
                    int skipped = prefix == PrefixPolicy.AUTO ? 1 : 0;
                    assertThat(skipped == 1 ? ids[0] : 0).isZero();
                    JsonNode expected = golden.sequence(sequence);
                    try (TokenScorer scorer =
                            scorer(model, prefix, ProgressStore.NONE, new BlockProtocol(1024), new StreamProtocol())) {
                        String text = IdTokenizer.text(Arrays.copyOfRange(ids, skipped, ids.length));
                        for (DocumentScore score : score(scorer, text)) {
                            assertThat(score.failed()).as(score.errorMessage()).isFalse();
                            assertThat(score.tokens()).isEqualTo(ids.length - skipped);
                            assertThat(score.scoredTokens()).isEqualTo(ids.length - 1);
                            assertThat(score.nll())
                                    .isCloseTo(expected.get("nll_sum").doubleValue(), Offset.offset(1e-4));
                            TokenScores tokens = score.tokenScores().orElseThrow();
                            assertThat(tokens.positions()[0]).isEqualTo(1 - skipped);
                            for (int i = 0; i < tokens.nlls().length; i++) {
                                assertThat(tokens.nlls()[i])
                                        .isCloseTo(
                                                expected.get("nll_per_position")
                                                        .get(i)
                                                        .doubleValue(),
                                                Offset.offset(1e-5));
                            }
                        }
                    }
                }
            }
        }
    }

    /** Killed after some passes, again after more, and then finished: from the state that was kept, with the same bits. */
    @Test
    void aLongDocumentIsTakenUpWhereItWasLeft() {
        String text = IdTokenizer.text(new Random(3).ints(2000, 0, 263).toArray());
        try (SpikingModel model = SpikeGptCase.load("g3-learnable", DType.INT8).open(folder)) {
            for (PerplexityProtocol[] protocols :
                    new PerplexityProtocol[][] {{new StreamProtocol()}, {new BlockProtocol(128), new StreamProtocol()}
                    }) {
                List<DocumentScore> expected;
                long whole;
                try (TokenScorer scorer = scorer(model, PrefixPolicy.AUTO, ProgressStore.NONE, protocols)) {
                    expected = score(scorer, text);
                    whole = scorer.positions();
                }
                MemoryStore store = new MemoryStore();
                long before = 0;
                for (int passes : new int[] {40, 30}) {
                    before += MemoryStore.interrupt(
                            store, passes, kept -> scorer(model, PrefixPolicy.AUTO, kept, protocols), text);
                }
                try (TokenScorer scorer = scorer(model, PrefixPolicy.AUTO, store, protocols)) {
                    MemoryStore.requireSame(score(scorer, text), expected);
                    assertThat(before + scorer.positions()).isEqualTo(whole);
                }
                assertThat(store.isEmpty()).isTrue();
            }
        }
    }

    @Test
    void progressOfAnotherTextOrADamagedOneIsNotUsed() {
        String text = IdTokenizer.text(new Random(3).ints(400, 0, 263).toArray());
        String other = IdTokenizer.text(new Random(4).ints(400, 0, 263).toArray());
        try (SpikingModel model = SpikeGptCase.load("g3-learnable", DType.INT8).open(folder)) {
            List<DocumentScore> expected;
            try (TokenScorer scorer = scorer(model, PrefixPolicy.AUTO, ProgressStore.NONE, new StreamProtocol())) {
                expected = score(scorer, other);
            }
            MemoryStore store = new MemoryStore();
            MemoryStore.interrupt(store, 9, kept -> scorer(model, PrefixPolicy.AUTO, kept, new StreamProtocol()), text);
            assertThat(store.isEmpty()).isFalse();
            try (TokenScorer scorer = scorer(model, PrefixPolicy.AUTO, store, new StreamProtocol())) {
                MemoryStore.requireSame(score(scorer, other), expected);
                assertThat(scorer.positions()).isEqualTo(400);
            }
            for (int damaged : new int[] {0, 40, -1}) {
                MemoryStore.interrupt(
                        store, 9, kept -> scorer(model, PrefixPolicy.AUTO, kept, new StreamProtocol()), other);
                store.damage(damaged);
                try (TokenScorer scorer = scorer(model, PrefixPolicy.AUTO, store, new StreamProtocol())) {
                    MemoryStore.requireSame(score(scorer, other), expected);
                    assertThat(scorer.positions()).isEqualTo(400);
                }
            }
        }
    }
}
