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
import io.spikelet.engine.score.ChoiceItem.Request;
import io.spikelet.engine.telemetry.OperationCounts;
import io.spikelet.engine.token.PairEncoder;
import io.spikelet.engine.token.PairEncoder.PrefixRule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChoiceScorerTest {
    private static final ByteTokenizer TOKENIZER = new ByteTokenizer();
    private static final int CONTEXT = 40;

    @TempDir
    Path folder;

    private static ChoiceScorer scorer(SpikingModel model, int maxColumns) {
        return new ChoiceScorer(
                model,
                TOKENIZER,
                new ChoiceScorer.Options(CONTEXT, PrefixRule.EMPTY_CONTEXT, maxColumns, Double.POSITIVE_INFINITY, 1));
    }

    private static Map<String, ChoiceScore> score(ChoiceScorer scorer, List<ChoiceItem> items) {
        Map<String, ChoiceScore> scores = new TreeMap<>();
        scorer.score(items.iterator())
                .forEachRemaining(
                        score -> assertThat(scores.put(score.rowId(), score)).isNull());
        assertThat(scores).hasSize(items.size());
        return scores;
    }

    /** Shared contexts, an option in the context, empty contexts, one long item, two equal choices, one without tokens. */
    private static List<ChoiceItem> items() {
        List<ChoiceItem> items = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            int shift = i;
            String context = "Question " + "x".repeat(5 * i % 37) + i + "\nAnswer:";
            items.add(new ChoiceItem(
                    "shared-" + i,
                    IntStream.range(0, 2 + i % 3)
                            .mapToObj(c -> new Request(context, " " + "yes no é".substring(c, c + 1 + (shift + c) % 5)))
                            .toList()));
            items.add(new ChoiceItem(
                    "blank-" + i,
                    List.of(new Request("He saw Ann", " and ran" + i), new Request("He saw Bob", " and ran" + i))));
        }
        items.add(new ChoiceItem("empty", List.of(new Request("", " a"), new Request("", "bc"))));
        items.add(new ChoiceItem(
                "long", List.of(new Request("y".repeat(90), " a"), new Request("y".repeat(90), "bc"))));
        items.add(new ChoiceItem("equal", List.of(new Request("t", " a"), new Request("t", " a"))));
        items.add(new ChoiceItem("none", List.of(new Request("t", ""), new Request("t", ""))));
        items.add(new ChoiceItem("some", List.of(new Request("tu", ""), new Request("tu", "v"))));
        return items;
    }

    /** The definition, request by request and token by token. */
    private static double logLikelihood(SpikingModel model, Request request, boolean[] greedy) {
        PairEncoder.Pair pair =
                new PairEncoder(TOKENIZER, PrefixRule.EMPTY_CONTEXT).encode(request.context(), request.continuation());
        int[] all = IntStream.concat(Arrays.stream(pair.context()), Arrays.stream(pair.continuation()))
                .toArray();
        int[] kept = Arrays.copyOfRange(all, Math.max(0, all.length - CONTEXT - 1), all.length);
        double sum = 0;
        greedy[0] = true;
        try (Decoder decoder = new Decoder(model, 1)) {
            DecoderState state = decoder.allocate(kept.length);
            for (int i = 0; i < kept.length - 1; i++) {
                decoder.clear();
                int offset = decoder.logitsOffset(decoder.add(state, kept[i], true));
                decoder.run();
                if (i + 1 >= kept.length - pair.continuation().length) {
                    double total = 0;
                    int best = 0;
                    for (int id = 0; id < decoder.vocabulary(); id++) {
                        total += StrictMath.exp(decoder.logits()[offset + id]);
                        best = decoder.logits()[offset + id] > decoder.logits()[offset + best] ? id : best;
                    }
                    sum += decoder.logits()[offset + kept[i + 1]] - StrictMath.log(total);
                    greedy[0] &= best == kept[i + 1];
                }
            }
        }
        return sum;
    }

    @Test
    void everyLogLikelihoodIsThatOfTheRequestAlone() {
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.FP32);
                ChoiceScorer scorer = scorer(model, 64)) {
            Map<String, ChoiceScore> scores = score(scorer, items());
            for (ChoiceItem item : items()) {
                ChoiceScore score = scores.get(item.rowId());
                assertThat(score.errorClass()).isNull();
                for (int i = 0; i < item.requests().size(); i++) {
                    boolean[] greedy = new boolean[1];
                    double expected = logLikelihood(model, item.requests().get(i), greedy);
                    assertThat(score.logLikelihoods()[i]).isCloseTo(expected, within(1e-9 * Math.abs(expected)));
                    assertThat(score.greedy()[i]).isEqualTo(greedy[0]);
                    assertThat(score.tokens()[i])
                            .isEqualTo(TOKENIZER.encode(item.requests().get(i).continuation()).length);
                }
            }
        }
    }

    @Test
    void theSameBitsHoweverItemsShareThePasses() {
        for (String name : GoldenCase.NAMES) {
            try (SpikingModel model = GoldenCase.load(name).open(folder, Weights.INT8_EMBEDDING)) {
                Map<String, String> expected = null;
                for (int columns : new int[] {1, 3, 16, 64, 300}) {
                    Map<String, String> found = new TreeMap<>();
                    try (ChoiceScorer scorer = scorer(model, columns)) {
                        List<ChoiceItem> items = columns == 16 ? items().reversed() : items();
                        score(scorer, items).forEach((id, score) -> found.put(id, bits(score)));
                    }
                    expected = expected == null ? found : expected;
                    assertThat(found).as("%s, %d columns", name, columns).isEqualTo(expected);
                }
            }
        }
    }

    private static String bits(ChoiceScore score) {
        return Arrays.toString(score.logLikelihoods())
                + Arrays.toString(score.tokens())
                + Arrays.toString(score.greedy())
                + score.decodedTokens()
                + score.operations()
                + score.errorClass();
    }

    @Test
    void aSharedContextIsDecodedOnce() {
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.FP32);
                ChoiceScorer scorer = scorer(model, 16)) {
            String context = "z".repeat(20);
            Map<String, ChoiceScore> scores = score(
                    scorer,
                    List.of(
                            new ChoiceItem(
                                    "one token each", List.of(new Request(context, "a"), new Request(context, "b"))),
                            new ChoiceItem(
                                    "parting", List.of(new Request(context, "abc"), new Request(context, "axyz"))),
                            new ChoiceItem("apart", List.of(new Request("abc", "de"), new Request("xbc", "de"))),
                            new ChoiceItem("none", List.of(new Request(context, "")))));
            assertThat(scores.get("one token each").decodedTokens()).isEqualTo(20);
            assertThat(scores.get("parting").decodedTokens()).isEqualTo(21 + 1 + 2);
            assertThat(scores.get("apart").decodedTokens()).isEqualTo(2 * 4);
            assertThat(scores.get("none").decodedTokens()).isZero();
        }
    }

    @Test
    void aTextThatAllContextsBeginWithIsDecodedOnceAndChangesNoBit() {
        String examples = "Q: one\nA: two\n\n";
        int shared = TOKENIZER.encode(examples.strip()).length;
        List<ChoiceItem> items = new ArrayList<>(IntStream.range(0, 9)
                .mapToObj(i -> new ChoiceItem(
                        "begins-" + i,
                        List.of(
                                new Request(examples + "x".repeat(1 + i) + ":", " yes"),
                                new Request(examples + "x".repeat(1 + i) + ":", " no"))))
                .toList());
        items.add(new ChoiceItem("parts at once", List.of(new Request(examples + "a", "c"), new Request("b", "c"))));
        items.add(new ChoiceItem("scored at once", List.of(new Request(examples, "a"), new Request(examples, "b"))));
        items.add(new ChoiceItem("cut", List.of(new Request(examples + "y".repeat(CONTEXT), "a"))));
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8)) {
            for (PrefixRule rule : PrefixRule.values()) {
                for (int columns : new int[] {1, 7, 64}) {
                    try (ChoiceScorer plain = scorer(model, rule, columns, "");
                            ChoiceScorer sharing = scorer(model, rule, columns, examples)) {
                        Map<String, ChoiceScore> expected = score(plain, items);
                        Map<String, ChoiceScore> found = score(sharing, items);
                        int prefix = shared + (rule == PrefixRule.EVERY_CONTEXT ? 1 : 0);
                        expected.forEach((id, score) -> {
                            boolean shares = id.startsWith("begins");
                            assertThat(found.get(id).logLikelihoods()).containsExactly(score.logLikelihoods());
                            assertThat(found.get(id).greedy()).containsExactly(score.greedy());
                            assertThat(found.get(id).operations()).isEqualTo(score.operations());
                            assertThat(found.get(id).decodedTokens())
                                    .as(id)
                                    .isEqualTo(score.decodedTokens() - (shares ? prefix : 0));
                        });
                        assertThat(plain.positions() - sharing.positions())
                                .as("%s, %d columns", rule, columns)
                                .isEqualTo((9 - 1) * (long) prefix);
                    }
                }
            }
        }
    }

    private static ChoiceScorer scorer(SpikingModel model, PrefixRule rule, int maxColumns, String examples) {
        return new ChoiceScorer(
                model,
                TOKENIZER,
                new ChoiceScorer.Options(CONTEXT, rule, maxColumns, Double.POSITIVE_INFINITY, 1, examples));
    }

    @Test
    void operationsCountASharedContextOnce() {
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.FP32);
                ChoiceScorer scorer = scorer(model, 16)) {
            String context = "z".repeat(20);
            ChoiceItem item =
                    new ChoiceItem("parting", List.of(new Request(context, "abc"), new Request(context, "axyz")));

            OperationCounts counts = score(scorer, List.of(item)).get("parting").operations();

            OperationCounts shared = operations(model, context + "a");
            assertThat(counts)
                    .isEqualTo(operations(model, context + "ab")
                            .plus(operations(model, context + "axy").minus(shared)));
            assertThat(counts.totalMultiplyAdds()).isPositive();
            assertThat(counts.denseMultiplyAdds()).isPositive();
        }
    }

    private static OperationCounts operations(SpikingModel model, String text) {
        int[] ids = TOKENIZER.encode(text);
        try (Decoder decoder = new Decoder(model, ids.length)) {
            DecoderState state = decoder.allocate(ids.length);
            for (int id : ids) {
                decoder.add(state, id, false);
            }
            decoder.run();
            return decoder.operations(state);
        }
    }

    @Test
    void anEmptyContinuationIsCertainAndEqualOnesAreEqualToTheBit() {
        try (SpikingModel model = GoldenCase.load("c2-tiny-194m").open(folder, Weights.INT8);
                ChoiceScorer scorer = scorer(model, 16)) {
            Map<String, ChoiceScore> scores = score(scorer, items());
            assertThat(scores.get("none").logLikelihoods()).containsExactly(0, 0);
            assertThat(scores.get("none").greedy()).containsExactly(true, true);
            assertThat(scores.get("some").logLikelihoods()[0]).isZero();
            assertThat(scores.get("some").logLikelihoods()[1]).isNegative();
            double[] equal = scores.get("equal").logLikelihoods();
            assertThat(equal[0]).isEqualTo(equal[1]).isNegative();
        }
    }

    @Test
    void anItemThatCannotBeScoredCostsNoOther() {
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.FP32);
                ChoiceScorer scorer = scorer(model, 16);
                ChoiceScorer strange = new ChoiceScorer(
                        model,
                        new ByteTokenizer() {
                            @Override
                            public int[] encode(String text) {
                                int[] ids = super.encode(text);
                                if (text.startsWith("bad")) {
                                    ids[1] = -1;
                                }
                                return ids;
                            }
                        },
                        new ChoiceScorer.Options(CONTEXT, PrefixRule.EMPTY_CONTEXT, 16, Double.POSITIVE_INFINITY, 1))) {
            List<ChoiceItem> items = List.of(
                    new ChoiceItem("good-1", List.of(new Request("ab", "c"), new Request("ab", "de"))),
                    new ChoiceItem("bad", List.of(new Request("bad", "c"), new Request("ab", "de"))),
                    new ChoiceItem("long", List.of(new Request("ab", "c".repeat(CONTEXT + 1)))),
                    new ChoiceItem("nothing", List.of()),
                    new ChoiceItem("good-2", List.of(new Request("xy", "c"), new Request("xy", "de"))));
            Map<String, ChoiceScore> expected = score(scorer, List.of(items.getFirst(), items.getLast()));
            Map<String, ChoiceScore> scores = score(strange, items);
            assertThat(scores.get("bad").errorClass()).isEqualTo("engine_error");
            assertThat(scores.get("bad").errorMessage()).contains("-1");
            assertThat(scores.get("long").errorClass()).isEqualTo("too_long");
            assertThat(scores.get("nothing").errorClass()).isEqualTo("null_input");
            expected.forEach((id, score) -> assertThat(bits(scores.get(id))).isEqualTo(bits(score)));
        }
    }

    @Test
    void readsNoFurtherAheadThanAPassHasRoomFor() {
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.FP32);
                ChoiceScorer scorer = scorer(model, 8)) {
            int[] read = new int[1];
            Iterator<ChoiceItem> source = IntStream.range(0, 1000)
                    .mapToObj(i -> new ChoiceItem("i" + i, List.of(new Request("abcd", "e"), new Request("abcd", "f"))))
                    .peek(item -> read[0]++)
                    .iterator();
            scorer.score(source).next();
            assertThat(read[0]).isLessThanOrEqualTo(4);
        }
    }

    @Test
    void refusesAContextWithoutTokens() {
        assertThatThrownBy(() -> new ChoiceScorer.Options(0, PrefixRule.EMPTY_CONTEXT, 8, 1, 1))
                .hasMessageContaining("--context is 0");
    }
}
