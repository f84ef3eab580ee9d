package io.spikelet.engine.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.spikelet.engine.ByteTokenizer;
import io.spikelet.engine.GoldenCase;
import io.spikelet.engine.GoldenCase.Weights;
import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.token.BosPolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TokenScorerTest {
    private static final ByteTokenizer TOKENIZER = new ByteTokenizer();

    @TempDir
    Path folder;

    static Stream<PerplexityProtocol> protocols() {
        return Stream.of(new DocumentProtocol(24, 9), new BlockProtocol(24), new LmEvalProtocol(24));
    }

    private static List<ScoringDocument> documents() {
        return IntStream.range(0, 20)
                .mapToObj(i -> new ScoringDocument("row-" + i, "document number " + "é ".repeat(7 * i % 60) + i))
                .toList();
    }

    private static List<DocumentScore> score(TokenScorer scorer, List<ScoringDocument> documents) {
        List<DocumentScore> out = new ArrayList<>();
        scorer.score(documents.iterator()).forEachRemaining(unit -> out.addAll(unit.scores()));
        return out;
    }

    private static TokenScorer scorer(SpikingModel model, PerplexityProtocol protocol, int maxColumns) {
        return new TokenScorer(model, TOKENIZER, List.of(protocol), new TokenScorer.Options(maxColumns, true));
    }

    private static Map<String, String> byRow(List<DocumentScore> scores) {
        Map<String, String> rows = new TreeMap<>();
        for (DocumentScore s : scores) {
            String content = s.nll() + " " + s.tokens() + " " + s.scoredTokens() + " "
                    + s.spikes().rate("encoder").orElse(0) + " "
                    + s.spikes().rate("ffn").orElse(0)
                    + Arrays.toString(s.spikes().rates("ffn"))
                    + Arrays.toString(s.spikes().rates("block")) + s.errorClass()
                    + s.tokenScores()
                            .map(t -> Arrays.toString(t.positions())
                                    + Arrays.toString(t.tokenIds())
                                    + Arrays.toString(t.nlls())
                                    + Arrays.toString(t.ranks())
                                    + Arrays.toString(t.entropies())
                                    + Arrays.toString(t.weights())
                                    + Arrays.toString(t.begins())
                                    + Arrays.toString(t.ends()))
                            .orElse("");
            assertThat(rows.put(s.rowId(), content)).isNull();
        }
        return rows;
    }

    /** The definition, one window after the other, on logits of the decoder. */
    private static double nll(SpikingModel model, PerplexityProtocol protocol, String text) {
        int[] sequence = BosPolicy.PREPEND.apply(TOKENIZER, TOKENIZER.encode(text));
        double sum = 0;
        try (Decoder decoder = new Decoder(model, 1)) {
            for (Window window : protocol.windows(sequence.length)) {
                DecoderState state = decoder.allocate(window.positions());
                for (int i = window.begin(); i < window.end(); i++) {
                    decoder.clear();
                    int offset = decoder.logitsOffset(decoder.add(state, sequence[i], true));
                    decoder.run();
                    if (i + 1 >= window.scoreFrom()) {
                        double total = 0;
                        for (int id = 0; id < decoder.vocabulary(); id++) {
                            total += StrictMath.exp(decoder.logits()[offset + id]);
                        }
                        sum += StrictMath.log(total) - decoder.logits()[offset + sequence[i + 1]];
                    }
                }
            }
        }
        return sum;
    }

    @ParameterizedTest
    @MethodSource("protocols")
    void everyDocumentsNllIsTheSumOverItsWindows(PerplexityProtocol protocol) {
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.FP32);
                TokenScorer scorer = scorer(model, protocol, 64)) {
            List<DocumentScore> scores = score(scorer, documents());
            assertThat(scores).extracting(DocumentScore::rowId).hasSize(20).doesNotHaveDuplicates();
            for (DocumentScore score : scores) {
                String text = documents()
                        .get(Integer.parseInt(score.rowId().substring(4)))
                        .text();
                assertThat(score.nll()).isCloseTo(nll(model, protocol, text), within(1e-9 * score.nll()));
                assertThat(score.protocol()).isEqualTo(protocol.name());
                assertThat(score.tokens()).isEqualTo(TOKENIZER.encode(text).length);
                assertThat(score.scoredTokens()).isEqualTo(score.tokens());
                assertThat(score.length()).isEqualTo(TextLength.of(text));
                assertThat(score.spikes().rate("encoder").orElse(0)).isBetween(0.001, 0.9);
                assertThat(score.spikes().rate("ffn").orElse(0))
                        .isCloseTo(
                                Arrays.stream(score.spikes().rates("ffn"))
                                        .average()
                                        .orElseThrow(),
                                within(1e-15));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("protocols")
    void documentsDoNotDependOnTheirOrderOrThePassesTheyAreIn(PerplexityProtocol protocol) {
        for (String name : GoldenCase.NAMES) {
            try (SpikingModel model = GoldenCase.load(name).open(folder, Weights.INT8_EMBEDDING)) {
                Map<String, String> expected = null;
                for (int columns : new int[] {1, 5, 16, 64, 200}) {
                    try (TokenScorer scorer = scorer(model, protocol, columns)) {
                        Map<String, String> rows =
                                byRow(score(scorer, columns == 16 ? documents().reversed() : documents()));
                        expected = expected == null ? rows : expected;
                        assertThat(rows).as("%s, %d columns", name, columns).isEqualTo(expected);
                    }
                }
            }
        }
    }

    @Test
    void protocolsTogetherAreWhatTheyAreAloneAndShareTheirRuns() {
        List<PerplexityProtocol> all = PerplexityProtocol.NAMES.stream()
                .map(name -> PerplexityProtocol.parse(name, 24, 12))
                .toList();
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8)) {
            long alone = 0;
            List<DocumentScore> expected = new ArrayList<>();
            for (PerplexityProtocol protocol : all) {
                try (TokenScorer scorer = scorer(model, protocol, 40)) {
                    expected.addAll(score(scorer, documents()));
                    alone += scorer.positions();
                }
            }
            for (int columns : new int[] {1, 7, 64}) {
                try (TokenScorer scorer =
                        new TokenScorer(model, TOKENIZER, all, new TokenScorer.Options(columns, true))) {
                    List<DocumentScore> together = score(scorer, documents());
                    for (PerplexityProtocol protocol : all) {
                        assertThat(byRow(of(protocol, together))).isEqualTo(byRow(of(protocol, expected)));
                    }
                    assertThat(scorer.positions()).isLessThan(alone * 6 / 10);
                }
            }
        }
    }

    private static List<DocumentScore> of(PerplexityProtocol protocol, List<DocumentScore> scores) {
        return scores.stream()
                .filter(score -> score.protocol().equals(protocol.name()))
                .toList();
    }

    @Test
    void identicalWindowsRunOnce() {
        String text = "t".repeat(30);
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8)) {
            assertThat(positions(model, text, "document", "block", "lm-eval", "stream"))
                    .isEqualTo(30);
            // windows of 10 begin at 0, 5 .. 20 and read all but their last token
            assertThat(positions(model, text, 10, "hf-guide")).isEqualTo(5 * 9);
            assertThat(positions(model, text, 10, "hf-guide", "hf-guide-exact")).isEqualTo(5 * 9);
            // BOS and 29 tokens in blocks of 10, and all of them again in one stream that serves the first block
            assertThat(positions(model, text, 10, "block", "stream")).isEqualTo(30 + 20);
        }
    }

    private static long positions(SpikingModel model, String text, String... names) {
        return positions(model, text, 64, names);
    }

    private static long positions(SpikingModel model, String text, int context, String... names) {
        List<PerplexityProtocol> protocols = Stream.of(names)
                .map(name -> PerplexityProtocol.parse(name, context, context / 2))
                .toList();
        try (TokenScorer scorer = new TokenScorer(model, TOKENIZER, protocols, new TokenScorer.Options(16, false))) {
            assertThat(score(scorer, List.of(new ScoringDocument("a", text))))
                    .hasSize(names.length)
                    .noneMatch(DocumentScore::failed);
            return scorer.positions();
        }
    }

    @Test
    void aWindowScoresWhatItsDocumentDoes() {
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8);
                TokenScorer scorer = scorer(model, new BlockProtocol(64), 16)) {
            String text = "one window of its own";
            int[] ids = BosPolicy.PREPEND.apply(TOKENIZER, TOKENIZER.encode(text));
            List<DocumentScore> scores = new ArrayList<>();
            scorer.score(List.of(
                                    new ScoringDocument("document", text),
                                    new ScoringWindow("window", ids, 1),
                                    new ScoringWindow("half", ids, 10))
                            .iterator())
                    .forEachRemaining(unit -> scores.addAll(unit.scores()));
            double[] nlls = scores.get(0).tokenScores().orElseThrow().nlls();
            assertThat(scores.get(1).tokenScores().orElseThrow().nlls()).isEqualTo(nlls);
            assertThat(scores.get(2).tokenScores().orElseThrow().nlls())
                    .isEqualTo(Arrays.copyOfRange(nlls, 9, nlls.length));
        }
    }

    @Test
    void thePrefixIsWhatThePolicySays() {
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8)) {
            List<DocumentScore> scores = new ArrayList<>();
            for (PrefixPolicy policy : PrefixPolicy.values()) {
                TokenScorer.Options options = new TokenScorer.Options(16, true, Double.POSITIVE_INFINITY, policy, 1);
                try (TokenScorer scorer = new TokenScorer(
                        model, TOKENIZER, List.of(new BlockProtocol(64), new LlamacppChunkProtocol(8)), options)) {
                    scores.addAll(score(scorer, List.of(new ScoringDocument("a", "twenty characters, ok"))));
                }
            }
            assertThat(scores).noneMatch(DocumentScore::failed);
            assertThat(scores.get(2).nll()).isEqualTo(scores.get(0).nll()); // BOS is what AUTO takes
            assertThat(scores.get(4).nll()).isNotEqualTo(scores.get(0).nll());
            assertThat(scores.get(6).scoredTokens()).isEqualTo(scores.get(0).scoredTokens() - 1);
            assertThat(scores.get(7).scoredTokens()).isEqualTo(2 * 3);
        }
    }

    @Test
    void tokenScoresBelongToTheTokens() {
        try (SpikingModel model = GoldenCase.load("c2-tiny-194m").open(folder, Weights.INT8);
                TokenScorer scorer = scorer(model, new DocumentProtocol(24, 12), 32)) {
            String text = "the ranks and entropies of a short text";
            DocumentScore score =
                    score(scorer, List.of(new ScoringDocument("a", text))).getFirst();
            TokenScores tokens = score.tokenScores().orElseThrow();
            int[] ids = TOKENIZER.encode(text);
            assertThat(tokens.tokenIds()).isEqualTo(ids);
            assertThat(tokens.positions())
                    .isEqualTo(IntStream.range(0, ids.length).toArray());
            assertThat(Arrays.stream(tokens.nlls()).sum()).isCloseTo(score.nll(), within(1e-9));
            assertThat(tokens.begins()).isEqualTo(tokens.positions()); // one byte a token
            assertThat(tokens.ends())
                    .isEqualTo(IntStream.rangeClosed(1, ids.length).toArray());
            for (int i = 0; i < ids.length; i++) {
                assertThat(tokens.entropies()[i]).isBetween(0.0, Math.log(320));
                // the ids before this one have at least its probability each, and together at most 1
                assertThat(tokens.ranks()[i] * Math.exp(-tokens.nlls()[i])).isLessThanOrEqualTo(1 + 1e-9);
            }
        }
    }

    @Test
    void tokenScoresAreLeftOutUnlessAskedFor() {
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8);
                TokenScorer scorer = new TokenScorer(
                        model, TOKENIZER, List.of(new BlockProtocol(16)), new TokenScorer.Options(8, false))) {
            assertThat(score(scorer, documents())).allMatch(s -> s.tokenScores().isEmpty());
        }
    }

    @Test
    void badDocumentsBecomeErrorsAndCostNoOtherDocument() {
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8);
                TokenScorer scorer = scorer(model, new DocumentProtocol(16, 8), 16)) {
            List<ScoringDocument> documents = new ArrayList<>(documents());
            documents.add(3, null);
            documents.add(5, new ScoringDocument("null text", null));
            documents.add(0, new ScoringDocument("empty", ""));
            List<DocumentScore> scores = score(scorer, documents);
            assertThat(scores).hasSize(23);
            assertThat(scores.stream().filter(DocumentScore::failed).map(s -> s.rowId() + " " + s.errorClass()))
                    .containsExactlyInAnyOrder("null null_input", "null text null_input", "empty empty_input");
            List<DocumentScore> good = scores.stream().filter(s -> !s.failed()).toList();
            assertThat(byRow(good)).isEqualTo(byRow(score(scorer, documents())));
        }
    }

    @Test
    void aFailingForwardPassGivesEveryDocumentAnError() {
        SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8);
        try (TokenScorer scorer = scorer(model, new BlockProtocol(16), 40)) {
            Iterator<UnitScores> scores = scorer.score(documents().iterator());
            assertThat(scores.next().scores().getFirst().failed()).isFalse();
            model.close(); // with a document in the middle
            List<DocumentScore> rest = new ArrayList<>();
            scores.forEachRemaining(unit -> rest.addAll(unit.scores()));
            assertThat(rest).hasSize(19);
            assertThat(rest.stream().filter(DocumentScore::failed))
                    .hasSizeGreaterThanOrEqualTo(17)
                    .allSatisfy(s -> {
                        assertThat(s.errorClass()).isEqualTo("engine_error");
                        assertThat(s.errorMessage()).isNotBlank();
                        assertThat(s.scoredTokens()).isZero();
                    });
        }
    }

    @Test
    void readsNoFurtherAheadThanAPassHasRoomFor() {
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8);
                TokenScorer scorer = scorer(model, new BlockProtocol(16), 20)) {
            AtomicInteger taken = new AtomicInteger();
            Iterator<ScoringDocument> endless = Stream.generate(
                            () -> new ScoringDocument("row-" + taken.getAndIncrement(), "eight ch"))
                    .iterator();
            Iterator<UnitScores> scores = scorer.score(endless);
            assertThat(taken).hasValue(0);
            for (int i = 0; i < 12; i++) {
                scores.next();
                assertThat(taken.get()).isLessThanOrEqualTo(i + 1 + 3);
            }
        }
    }

    @Test
    void refusesATokenizerThatIsTooLargeForTheModel() {
        try (SpikingModel model = GoldenCase.load("c5-tiny-08b-odd").open(folder, Weights.INT8)) {
            ByteTokenizer large = new ByteTokenizer(302);
            assertThatThrownBy(() -> new TokenScorer(
                            model, large, List.of(new BlockProtocol(16)), new TokenScorer.Options(8, false)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("302")
                    .hasMessageContaining("301");
        }
    }
}
