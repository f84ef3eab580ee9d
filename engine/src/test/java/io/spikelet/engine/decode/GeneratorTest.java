package io.spikelet.engine.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.spikelet.engine.ByteTokenizer;
import io.spikelet.engine.GoldenCase;
import io.spikelet.engine.GoldenCase.Weights;
import io.spikelet.engine.Npy;
import io.spikelet.engine.Samplers;
import io.spikelet.engine.family.symboliclight.SymbolicLightSampler;
import io.spikelet.engine.model.CommonSampler;
import io.spikelet.engine.model.SamplerPolicy;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.token.BosPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GeneratorTest {
    private static final ByteTokenizer TOKENIZER = new ByteTokenizer();
    private static final List<SamplerPolicy> POLICIES = Samplers.ALL;

    @TempDir
    Path folder;

    static Stream<String> cases() {
        return GoldenCase.NAMES.stream();
    }

    private static SamplingParams params(SamplerPolicy policy, int maxNewTokens) {
        return SamplingParams.defaults(policy)
                .change()
                .maxNewTokens(maxNewTokens)
                .repetitionPenalty(policy == SymbolicLightSampler.V0_8B ? 1.2f : 1)
                .build();
    }

    private static GenerationRequest request(String rowId, SamplerPolicy policy, int maxNewTokens, int... prompt) {
        return new GenerationRequest(rowId, prompt, params(policy, maxNewTokens), 7, 0);
    }

    private static List<Completion> complete(Generator generator, List<GenerationRequest> requests) {
        List<Completion> out = new ArrayList<>();
        generator.generate(requests.iterator()).forEachRemaining(out::add);
        return out;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void transcriptsOfTheOriginalsGenerateAreReproduced(String name) {
        GoldenCase golden = GoldenCase.load(name);
        SamplerPolicy policy = name.contains("194m") ? SymbolicLightSampler.V194M : SymbolicLightSampler.V0_8B;
        try (SpikingModel model = golden.open(folder, Weights.FP32)) {
            for (JsonNode run : golden.expected().get("upstream_generate_top1")) {
                JsonNode given = run.get("params");
                OptionalInt eos = given.has("eos_token_id")
                        ? OptionalInt.of(given.get("eos_token_id").intValue())
                        : OptionalInt.empty();
                SamplingParams params = SamplingParams.defaults(policy)
                        .change()
                        .maxNewTokens(given.get("max_new_tokens").intValue())
                        .temperature(given.get("temperature").floatValue())
                        .topK(given.get("top_k").intValue())
                        .topP((float) given.path("top_p").asDouble(1))
                        .repetitionPenalty(
                                (float) given.path("repetition_penalty").asDouble(1))
                        .adaptiveTemperature(given.path("adaptive_temperature").asBoolean(true))
                        .bannedIds(
                                given.has("banned_token_ids")
                                        ? GoldenCase.ints(given.get("banned_token_ids"))
                                        : new int[0])
                        .build();
                int vocabulary =
                        given.path("valid_vocab_size").asInt(model.config().vocabSize());
                int[] prompt = golden.ids(run.get("prompt_sequence").textValue());
                Generator.Options options = new Generator.Options(3, 8, true);
                try (Generator generator = new Generator(model, Optional.empty(), vocabulary, eos, options)) {
                    Completion completion = complete(
                                    generator, List.of(new GenerationRequest("row", prompt, params, 1, 0)))
                            .getFirst();
                    assertThat(completion.tokenIds()).as("%s", given).isEqualTo(GoldenCase.ints(run.get("new_tokens")));
                    boolean stopped = completion.tokenIds().length < params.maxNewTokens();
                    assertThat(completion.finishReason()).isEqualTo(stopped ? FinishReason.STOP : FinishReason.LENGTH);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void greedyTranscriptsAndTheirLogprobsAreTheOriginals(String name) throws IOException {
        GoldenCase golden = GoldenCase.load(name);
        try (SpikingModel model = golden.open(folder, Weights.FP32);
                Generator generator = new Generator(
                        model,
                        Optional.empty(),
                        model.config().vocabSize(),
                        OptionalInt.of(-1),
                        new Generator.Options(2, 5, true))) {
            for (String run : List.of("from_second", "from_bos", "from_main")) {
                JsonNode expected = golden.expected().get("greedy").get(run);
                int[] ids = GoldenCase.ints(expected.get("new_tokens_cached"));
                int[] prompt = GoldenCase.ints(expected.get("prompt"));
                Npy logits =
                        Npy.read(golden.file(expected.get("cached_logits_file").textValue()));
                Completion completion = complete(
                                generator, List.of(request("row", CommonSampler.GREEDY, ids.length, prompt)))
                        .getFirst();
                int compared = name.contains("194m") ? completion.tokenIds().length : ids.length; // 194M stops at id 2
                assertThat(completion.tokenIds()).as(run).isEqualTo(Arrays.copyOf(ids, compared));
                for (int i = 0; i < compared; i++) {
                    assertThat(completion.tokenLogprobs()[i])
                            .isCloseTo((float) logprob(logits.row(i), ids[i]), within(2e-4f));
                }
            }
        }
    }

    private static double logprob(float[] logits, int id) {
        double sum = 0;
        for (float logit : logits) {
            sum += StrictMath.exp(logit);
        }
        return logits[id] - StrictMath.log(sum);
    }

    private static List<GenerationRequest> mixedRequests() {
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            int[] prompt = BosPolicy.PREPEND.apply(TOKENIZER, TOKENIZER.encode("row number " + "x".repeat(i % 9) + i));
            SamplerPolicy policy = POLICIES.get(i % 3);
            requests.add(new GenerationRequest("row-" + i / 2, prompt, params(policy, 1 + i % 13), 7, i % 2));
        }
        return requests;
    }

    private static Map<String, String> byRow(List<Completion> completions) {
        Map<String, String> rows = new TreeMap<>();
        for (Completion c : completions) {
            String row = c.request().rowId() + "/" + c.request().sampleIndex();
            String content = Arrays.toString(c.tokenIds()) + Arrays.toString(c.tokenLogprobs()) + c.sumLogprob()
                    + c.text() + c.finishReason() + c.spikes().rate("encoder").orElse(0) + " "
                    + c.spikes().rate("ffn").orElse(0);
            assertThat(rows.put(row, content)).isNull();
        }
        return rows;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void rowsDoNotDependOnTheBatchTheyAreIn(String name) {
        try (SpikingModel model = GoldenCase.load(name).open(folder, Weights.INT8_EMBEDDING)) {
            Map<String, String> expected = null;
            for (int[] sizes : new int[][] {{1, 1}, {1, 64}, {3, 4}, {16, 16}, {16, 50}}) {
                Generator.Options options = new Generator.Options(sizes[0], sizes[1], false);
                try (Generator generator = new Generator(model, TOKENIZER, options)) {
                    Map<String, String> rows = byRow(complete(generator, mixedRequests()));
                    assertThat(rows).hasSize(24);
                    expected = expected == null ? rows : expected;
                    assertThat(rows).as("%s", options).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void seedAndSampleIndexChangeWhatIsDrawn() {
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8);
                Generator generator = new Generator(model, TOKENIZER, new Generator.Options(4, 8, false))) {
            SamplingParams params = params(SymbolicLightSampler.V0_8B, 20);
            int[] prompt = {1, 60, 70, 80};
            List<Completion> out = complete(
                    generator,
                    List.of(
                            new GenerationRequest("a", prompt, params, 1, 0),
                            new GenerationRequest("a", prompt, params, 1, 1),
                            new GenerationRequest("a", prompt, params, 2, 0),
                            new GenerationRequest("b", prompt, params, 1, 0)));
            assertThat(out.stream().map(c -> Arrays.toString(c.tokenIds())).distinct())
                    .hasSize(4);
        }
    }

    @Test
    void readsNoFurtherAheadThanRowsCanBeInFlight() {
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8);
                Generator generator = new Generator(model, TOKENIZER, new Generator.Options(3, 16, false))) {
            AtomicInteger taken = new AtomicInteger();
            Iterator<GenerationRequest> endless = Stream.generate(
                            () -> request("row-" + taken.getAndIncrement(), CommonSampler.GREEDY, 4, 1, 50, 60))
                    .iterator();
            Iterator<Completion> completions = generator.generate(endless);
            assertThat(taken).hasValue(0);
            for (int i = 0; i < 20; i++) {
                completions.next();
                assertThat(taken.get()).isLessThanOrEqualTo(3 + i + 1);
            }
        }
    }

    @Test
    void badRowsBecomeErrorsAndCostNoOtherRow() {
        GoldenCase golden = GoldenCase.load("c1-tiny-08b");
        try (SpikingModel model = golden.open(folder, Weights.INT8);
                Generator generator = new Generator(model, TOKENIZER, new Generator.Options(8, 16, false))) {
            int[] tooLong = IntStream.range(0, 65).map(i -> 40).toArray();
            GenerationRequest good = request("good", SymbolicLightSampler.V0_8B, 5, 1, 50, 60);
            List<GenerationRequest> requests = new ArrayList<>(List.of(
                    request("empty", CommonSampler.GREEDY, 5),
                    request("long", CommonSampler.GREEDY, 5, tooLong),
                    request("foreign", CommonSampler.GREEDY, 5, 1, 320),
                    request("negative", CommonSampler.GREEDY, 5, 1, -1),
                    new GenerationRequest("null prompt", null, good.params(), 1, 0),
                    good));
            requests.add(2, null);
            Map<String, Completion> rows = new TreeMap<>();
            for (Completion c : complete(generator, requests)) {
                rows.put(c.request() == null ? "null" : c.request().rowId(), c);
            }
            assertThat(rows).hasSize(7);
            assertThat(rows.get("empty").errorClass()).isEqualTo("empty_input");
            assertThat(rows.get("long").errorClass()).isEqualTo("too_long");
            assertThat(rows.get("long").errorMessage()).contains("65", "64");
            assertThat(rows.get("foreign").errorClass()).isEqualTo("malformed_row");
            assertThat(rows.get("foreign").errorMessage()).contains("320", "319");
            assertThat(rows.get("negative").errorClass()).isEqualTo("malformed_row");
            assertThat(rows.get("null").errorClass()).isEqualTo("null_input");
            assertThat(rows.get("null prompt").errorClass()).isEqualTo("null_input");
            Completion alone = complete(generator, List.of(good)).getFirst();
            assertThat(rows.get("good").tokenIds()).isEqualTo(alone.tokenIds());
            assertThat(rows.get("good").finishReason()).isNotEqualTo(FinishReason.ERROR);
        }
    }

    @Test
    void aRowThatFailsInAPassWithOthersCostsThemNothing() {
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8);
                Generator generator = new Generator(model, TOKENIZER, new Generator.Options(4, 4, false))) {
            int[] poison = IntStream.range(0, 60).map(i -> 50 + i).toArray();
            List<GenerationRequest> good = IntStream.range(0, 3)
                    .mapToObj(i -> request("row-" + i, SymbolicLightSampler.V0_8B, 12 + i, 1, 60 + i, 70, 80))
                    .toList();
            List<GenerationRequest> requests = new ArrayList<>(good);
            requests.add(request("short", CommonSampler.GREEDY, 1, 1, 60));
            requests.add(1, request("poison", SymbolicLightSampler.V0_8B, 4, poison));
            Iterator<Completion> completions = generator.generate(requests.iterator());
            List<Completion> out = new ArrayList<>(List.of(completions.next()));
            assertThat(out.getFirst().request().rowId()).isNotEqualTo("poison");
            poison[59] = 99_999; // after the request was checked, before this token is decoded
            completions.forEachRemaining(out::add);

            assertThat(out).hasSize(5);
            assertThat(out.stream().filter(c -> c.errorClass() != null))
                    .singleElement()
                    .satisfies(c -> assertThat(c.errorMessage()).contains("99999"));
            out.removeIf(c -> !c.request().rowId().startsWith("row-"));
            assertThat(byRow(out)).isEqualTo(byRow(complete(generator, good)));
        }
    }

    @Test
    void aFailingForwardPassGivesEveryRowAnError() {
        SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8);
        try (Generator generator = new Generator(model, TOKENIZER, new Generator.Options(3, 16, false))) {
            Iterator<Completion> completions = generator.generate(IntStream.range(0, 5)
                    .mapToObj(i -> request("row-" + i, CommonSampler.GREEDY, 1 + 9 * i, 1, 50 + i))
                    .iterator());
            assertThat(completions.next().errorClass()).isNull();
            model.close(); // with rows in flight
            List<Completion> rest = new ArrayList<>();
            completions.forEachRemaining(rest::add);
            assertThat(rest).hasSize(4).allSatisfy(c -> {
                assertThat(c.finishReason()).isEqualTo(FinishReason.ERROR);
                assertThat(c.errorClass()).isEqualTo("engine_error");
                assertThat(c.errorMessage()).isNotBlank();
                assertThat(c.tokenIds()).isEmpty();
            });
        }
    }

    @Test
    void completionsEndWhereTheContextEnds() {
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8)) {
            int[] prompt = IntStream.range(0, 60).map(i -> 40 + i).toArray();
            int[] full = IntStream.range(0, 64).map(i -> 40 + i).toArray();
            List<GenerationRequest> requests = List.of(
                    request("60", CommonSampler.GREEDY, 30, prompt), request("64", CommonSampler.GREEDY, 30, full));
            try (Generator inside = new Generator(
                            model, Optional.empty(), 320, OptionalInt.of(-1), new Generator.Options(1, 9, false));
                    Generator beyond = new Generator(
                            model, Optional.empty(), 320, OptionalInt.of(-1), new Generator.Options(1, 9, true))) {
                List<Completion> cut = complete(inside, requests);
                List<Completion> whole = complete(beyond, requests);
                assertThat(cut).extracting(c -> c.tokenIds().length).containsExactly(4, 0);
                assertThat(cut).extracting(Completion::finishReason).containsOnly(FinishReason.LENGTH);
                assertThat(whole).extracting(c -> c.tokenIds().length).containsExactly(30, 30);
                assertThat(whole.getFirst().tokenIds())
                        .startsWith(cut.getFirst().tokenIds());
            }
        }
    }

    @Test
    void noNewTokensMeansNoneExceptFor194m() {
        try (SpikingModel model = GoldenCase.load("c2-tiny-194m").open(folder, Weights.INT8);
                Generator generator = new Generator(model, TOKENIZER, new Generator.Options(2, 8, false))) {
            List<Completion> out = complete(
                    generator,
                    List.of(
                            request("a", SymbolicLightSampler.V0_8B, 0, 1, 50),
                            request("b", CommonSampler.GREEDY, 0, 1, 50),
                            request("c", SymbolicLightSampler.V194M, 0, 1, 50)));
            assertThat(out).extracting(c -> c.tokenIds().length).containsExactly(0, 0, 1);
        }
    }

    @Test
    void idsBeyondTheTokenizersVocabularyAreNeverProduced() {
        try (SpikingModel model = GoldenCase.load("c2-tiny-194m").open(folder, Weights.INT8);
                Generator generator = new Generator(model, TOKENIZER, new Generator.Options(8, 32, false))) {
            List<GenerationRequest> requests = IntStream.range(0, 60)
                    .mapToObj(i -> request("row-" + i, POLICIES.get(i % 3), 30, 1, 300 + i % 20))
                    .toList();
            assertThat(complete(generator, requests)).allSatisfy(c -> {
                assertThat(c.errorClass()).isNull();
                assertThat(Arrays.stream(c.tokenIds())).allMatch(id -> id < TOKENIZER.vocabSize());
            });
        }
    }

    @Test
    void textRatesAndLogprobsBelongToTheRow() {
        try (SpikingModel model = GoldenCase.load("c5-tiny-08b-odd").open(folder, Weights.INT8);
                Generator generator = new Generator(model, TOKENIZER, new Generator.Options(1, 4, false))) {
            Completion c = complete(generator, List.of(request("a", SymbolicLightSampler.V0_8B, 9, 1, 50, 51, 52, 53)))
                    .getFirst();
            assertThat(c.text()).isEqualTo(TOKENIZER.decode(c.tokenIds()));
            double sum = 0;
            for (float logprob : c.tokenLogprobs()) {
                assertThat(logprob).isNegative();
                sum += logprob;
            }
            assertThat(c.sumLogprob()).isCloseTo(sum, within(1e-5));
            assertThat(c.spikes().rate("encoder").orElse(0)).isBetween(0.001, 0.9);
            assertThat(c.spikes().rate("ffn").orElse(0)).isBetween(0.001, 0.9);
            assertThat(c.prefillMillis()).isPositive();
            assertThat(c.decodeMillis()).isPositive();
        }
    }

    @Test
    void refusesATokenizerThatIsTooLargeForTheModel() {
        GoldenCase golden = GoldenCase.load("c5-tiny-08b-odd");
        try (SpikingModel model = golden.open(folder, Weights.INT8)) {
            assertThatThrownBy(() -> new Generator(
                            model, Optional.empty(), 302, OptionalInt.empty(), new Generator.Options(1, 1, false)))
                    .hasMessageContaining("302")
                    .hasMessageContaining("301");
        }
        assertThatThrownBy(() -> new Generator.Options(0, 1, false)).hasMessageContaining("--batch-size is 0");
        assertThatThrownBy(() -> new Generator.Options(4, 3, false)).hasMessageContaining("maxColumns is 3");
    }
}
