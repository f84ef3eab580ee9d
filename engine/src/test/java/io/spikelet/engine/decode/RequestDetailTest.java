package io.spikelet.engine.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.Fixtures;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.family.symboliclight.SymbolicLightSampler;
import io.spikelet.engine.model.CommonSampler;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.token.BosPolicy;
import io.spikelet.engine.token.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Request options other than the temperature, on the bundled model: stops, lengths, and log-probabilities. */
class RequestDetailTest {
    private static final SamplingParams GREEDY = SamplingParams.defaults(CommonSampler.GREEDY)
            .change()
            .maxNewTokens(24)
            .build();
    private static SpikingModel model;
    private static Tokenizer tokenizer;

    @BeforeAll
    static void open() {
        model = SpikingModel.open(Fixtures.projectRoot().resolve("datasets/models/tiny"), Families.all());
        tokenizer = model.tokenizer().orElseThrow();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static int[] prompt(String text) {
        return BosPolicy.PREPEND.apply(tokenizer, tokenizer.encode(text));
    }

    private static GenerationRequest request(String rowId, SamplingParams params, LogprobDetail detail) {
        return new GenerationRequest(rowId, prompt("And the LORD said unto"), params, 7, 0, detail);
    }

    private static Completion complete(SamplingParams params) {
        return complete(3, 20, List.of(request("row", params, LogprobDetail.NONE)))
                .getFirst();
    }

    private static List<Completion> complete(int batch, int columns, List<GenerationRequest> requests) {
        List<Completion> out = new ArrayList<>();
        try (Generator generator = new Generator(model, tokenizer, new Generator.Options(batch, columns, false))) {
            generator.generate(requests.iterator()).forEachRemaining(out::add);
        }
        assertThat(out).allSatisfy(c -> assertThat(c.errorMessage()).isNull());
        out.sort(Comparator.comparing(c -> c.request().rowId()));
        return out;
    }

    @Test
    void aStopStringEndsTheRowAndCutsItsText() {
        Completion free = complete(GREEDY);
        String text = free.text();
        assertThat(text.length()).isGreaterThan(20);
        for (int start = 1; start < 16; start += 3) {
            String stop = text.substring(start, start + 4);
            Completion stopped = complete(
                    GREEDY.change().stopStrings(List.of("\u0000", stop)).build());

            assertThat(stopped.text()).isEqualTo(text.substring(0, text.indexOf(stop)));
            assertThat(stopped.finishReason()).isEqualTo(FinishReason.STOP);
            int count = stopped.tokenIds().length;
            assertThat(stopped.tokenIds()).isEqualTo(Arrays.copyOf(free.tokenIds(), count));
            assertThat(tokenizer.decode(free.tokenIds(), 0, count)).contains(stop);
            assertThat(tokenizer.decode(free.tokenIds(), 0, count - 1)).doesNotContain(stop);
        }
    }

    @Test
    void aStopIdEndsTheRowAndStaysInIt() {
        Completion free = complete(GREEDY);
        int id = free.tokenIds()[5];
        int first = IntStream.range(0, 24)
                .filter(i -> free.tokenIds()[i] == id)
                .findFirst()
                .orElseThrow();

        Completion stopped = complete(GREEDY.change().stopIds(9, id).build());

        assertThat(stopped.tokenIds()).hasSize(first + 1).endsWith(id);
        assertThat(stopped.finishReason()).isEqualTo(FinishReason.STOP);
    }

    @Test
    void noStopCountsBeforeTheLeastNumberOfTokens() {
        Completion free = complete(GREEDY);
        int id = free.tokenIds()[2];
        SamplingParams stopping = GREEDY.change().stopIds(id).build();

        assertThat(complete(stopping).tokenIds().length).isLessThanOrEqualTo(3);
        Completion longer = complete(stopping.change().minNewTokens(10).build());
        assertThat(longer.tokenIds().length).isGreaterThanOrEqualTo(10);
        assertThat(Arrays.copyOf(longer.tokenIds(), 9)).doesNotContain(id);
        String begin = free.text().substring(0, 3);
        assertThat(complete(GREEDY.change()
                                .stopStrings(List.of(begin))
                                .minNewTokens(10)
                                .build())
                        .tokenIds()
                        .length)
                .isGreaterThanOrEqualTo(10);
    }

    @Test
    void theTopTokensAreTheLargestLogitsOfEveryPosition() {
        LogprobDetail detail = new LogprobDetail(5, false);
        Completion told =
                complete(2, 9, List.of(request("row", GREEDY, detail))).getFirst();
        Completion plain = complete(GREEDY);

        assertThat(told.tokenIds()).isEqualTo(plain.tokenIds());
        assertThat(told.tokenLogprobs()).isEqualTo(plain.tokenLogprobs());
        assertThat(plain.topTokens().count()).isZero();
        float[][] expected = logprobs(joined(told));
        int prompt = told.request().promptIds().length;
        for (int i = 0; i < told.tokenIds().length; i++) {
            assertRanked(told.topTokens(), i, expected[prompt - 1 + i]);
            assertThat(told.topTokens().ids()[5 * i]).isEqualTo(told.tokenIds()[i]);
            assertThat(told.topTokens().logprobs()[5 * i]).isEqualTo(told.tokenLogprobs()[i]);
        }
    }

    @Test
    void thePromptsLogprobsAreThoseOfItsOwnPositionsWhateverTheNeighbours() {
        LogprobDetail detail = new LogprobDetail(3, true);
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < 6; i++) { // equal prompts, which would be decoded once
            requests.add(request("row-" + i, GREEDY, i % 2 == 0 ? detail : LogprobDetail.NONE));
        }
        float[][] expected = logprobs(prompt("And the LORD said unto"));
        for (int[] shape : new int[][] {{1, 1}, {2, 3}, {6, 40}}) {
            List<Completion> completions = complete(shape[0], shape[1], requests);
            for (int row = 0; row < 6; row++) {
                Completion completion = completions.get(row);
                int[] prompt = completion.request().promptIds();
                assertThat(completion.tokenIds())
                        .isEqualTo(completions.getFirst().tokenIds());
                assertThat(completion.promptLogprobs()).hasSize(row % 2 == 0 ? prompt.length - 1 : 0);
                for (int i = 0; i < completion.promptLogprobs().length; i++) {
                    assertThat(completion.promptLogprobs()[i]).isEqualTo(expected[i][prompt[i + 1]]);
                    assertRanked(completion.promptTopTokens(), i, expected[i]);
                }
            }
        }
    }

    @Test
    void aRowMayAskForItsPromptAlone() {
        SamplingParams nothing = SamplingParams.defaults(SymbolicLightSampler.V0_8B)
                .change()
                .maxNewTokens(0)
                .build();

        Completion completion = complete(2, 4, List.of(request("row", nothing, new LogprobDetail(0, true))))
                .getFirst();

        assertThat(completion.tokenIds()).isEmpty();
        assertThat(completion.finishReason()).isEqualTo(FinishReason.LENGTH);
        float[][] expected = logprobs(completion.request().promptIds());
        for (int i = 0; i < completion.promptLogprobs().length; i++) {
            assertThat(completion.promptLogprobs()[i])
                    .isEqualTo(expected[i][completion.request().promptIds()[i + 1]]);
        }
    }

    private static void assertRanked(TopTokens top, int position, float[] logprobs) {
        List<Integer> best = IntStream.range(0, logprobs.length)
                .boxed()
                .sorted(Comparator.comparing((Integer id) -> -logprobs[id]).thenComparing(id -> id))
                .limit(top.count())
                .toList();
        for (int rank = 0; rank < top.count(); rank++) {
            int at = position * top.count() + rank;
            assertThat(top.ids()[at]).isEqualTo(best.get(rank));
            assertThat(top.logprobs()[at]).isEqualTo(logprobs[top.ids()[at]]);
        }
    }

    private static int[] joined(Completion completion) {
        return IntStream.concat(IntStream.of(completion.request().promptIds()), IntStream.of(completion.tokenIds()))
                .toArray();
    }

    /** Of every id after every position, from one pass of a decoder of its own. */
    private static float[][] logprobs(int[] ids) {
        int vocabulary = tokenizer.vocabSize();
        float[][] out = new float[ids.length][vocabulary];
        try (Decoder decoder = new Decoder(model, ids.length, vocabulary)) {
            DecoderState state = decoder.allocate(ids.length);
            for (int id : ids) {
                decoder.add(state, id, true);
            }
            decoder.run();
            for (int i = 0; i < ids.length; i++) {
                int offset = decoder.logitsOffset(i);
                double logSum = SoftmaxStatistics.logSumExp(decoder.kernels(), decoder.logits(), offset, vocabulary);
                for (int id = 0; id < vocabulary; id++) {
                    out[i][id] = (float) (decoder.logits()[offset + id] - logSum);
                }
            }
            decoder.release(state);
        }
        return out;
    }
}
