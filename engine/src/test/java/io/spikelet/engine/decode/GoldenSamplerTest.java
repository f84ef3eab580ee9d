package io.spikelet.engine.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.engine.Fixtures;
import io.spikelet.engine.GoldenCase;
import io.spikelet.engine.Npy;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.family.symboliclight.SymbolicLightPreset;
import io.spikelet.engine.family.symboliclight.SymbolicLightSampler;
import io.spikelet.engine.kernel.KernelProvider;
import io.spikelet.engine.model.SamplerPolicy;
import io.spikelet.engine.model.StopTokens;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The probabilities that the original's {@code generate} handed to its multinomial draw. */
class GoldenSamplerTest {
    private static final double TOLERANCE = 1e-5;

    static Stream<String> cases() {
        return GoldenCase.NAMES.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void probabilitiesAreTheOriginals(String name) throws IOException {
        GoldenCase golden = GoldenCase.load(name);
        JsonNode sampler = golden.expected().get("sampler");
        Npy logits = Npy.read(golden.file(sampler.get("logits_file").textValue()));
        int[] seen = GoldenCase.ints(sampler.get("prompt_ids_seen"));
        assertThat(sampler.get("cases").size()).isGreaterThanOrEqualTo(40);
        for (JsonNode expected : sampler.get("cases")) {
            float[] row = logits.row(expected.get("vector_row").intValue());
            double[] actual = probabilities(name, row, seen, expected.get("params"));
            compare(actual, expected);
        }
    }

    private static double[] probabilities(String name, float[] logits, int[] seen, JsonNode params) {
        SamplerPolicy policy = name.contains("194m") ? SymbolicLightSampler.V194M : SymbolicLightSampler.V0_8B;
        int vocabulary = Math.min(params.path("valid_vocab_size").asInt(logits.length), logits.length);
        SamplingParams sampling = SamplingParams.defaults(policy)
                .change()
                .temperature(params.get("temperature").floatValue())
                .topK(Math.max(0, params.get("top_k").intValue())) // upstream reads a negative one as 0
                .topP((float) params.path("top_p").asDouble(1))
                .repetitionPenalty((float) params.path("repetition_penalty").asDouble(1))
                .adaptiveTemperature(params.path("adaptive_temperature").asBoolean(true))
                .bannedIds(
                        params.has("banned_token_ids") ? GoldenCase.ints(params.get("banned_token_ids")) : new int[0])
                .build();
        OptionalInt eos = params.has("eos_token_id")
                ? OptionalInt.of(params.get("eos_token_id").intValue())
                : OptionalInt.empty();
        StopRule stop = new StopRule(
                SymbolicLightPreset.TINY.config().stopTokens(policy, eos, Optional.empty()),
                new int[0],
                Optional.empty());
        LogitsProcessor rules = new LogitsProcessor(sampling, vocabulary, stop);
        for (int id : seen) {
            rules.saw(id);
        }
        double[] out = new double[logits.length];
        new Sampler(KernelProvider.kernels(), logits.length, vocabulary).probabilities(logits, 0, rules, out);
        return out;
    }

    /** At a tie the original may keep any of the equal ids; all of them have the smallest surviving probability. */
    private static void compare(double[] actual, JsonNode expected) {
        String what = expected.get("vector") + " " + expected.get("params");
        double[] wanted = new double[actual.length];
        int[] ids = GoldenCase.ints(expected.get("nonzero_indices"));
        for (int i = 0; i < ids.length; i++) {
            wanted[ids[i]] = expected.get("probs").get(i).doubleValue();
        }
        assertThat(positive(actual)).as(what).hasSameSizeAs(positive(wanted));
        boolean tie = expected.path("topk_boundary_gap").asDouble(1) == 0
                || expected.path("topp_tie_at_cut").asBoolean(false);
        double smallest = positive(wanted)[0];
        for (int id = 0; id < actual.length; id++) {
            boolean swapped = tie && ((float) actual[id] > 0) != (wanted[id] > 0);
            double other = swapped ? smallest : actual[id];
            assertThat(swapped ? actual[id] + wanted[id] : wanted[id])
                    .as("id %d of %s", id, what)
                    .isCloseTo(other, within(TOLERANCE));
        }
    }

    /** Those that are not 0 in the original's single precision, ascending. */
    private static double[] positive(double[] values) {
        return DoubleStream.of(values).filter(p -> (float) p > 0).sorted().toArray();
    }

    /** The probabilities of the program that cuts the nucleus before it tempers. */
    @Test
    void theNucleusIsCutBeforeTheTemperature() throws IOException {
        JsonNode cases = new ObjectMapper()
                .readTree(Fixtures.golden("spikegpt/sampler.json").toFile())
                .get("cases");
        Npy logits = Npy.read(Fixtures.golden("spikegpt/sampler_logits.npy"));
        double[] expected = doubles(Fixtures.golden("spikegpt/sampler_probabilities.npy"));
        SamplerPolicy policy = Families.all().sampler("spikegpt-run");
        int vocabulary = 300;
        assertThat(cases).hasSize(24);
        for (JsonNode one : cases) {
            SamplingParams params = SamplingParams.defaults(policy)
                    .change()
                    .temperature(one.get("temperature").floatValue())
                    .topP(Math.max(one.get("top_p").floatValue(), Float.MIN_VALUE))
                    .build();
            StopRule stop = new StopRule(StopTokens.at(0), new int[0], Optional.empty());
            double[] actual = new double[vocabulary];
            int row = one.get("row").intValue();
            new Sampler(KernelProvider.kernels(), vocabulary, vocabulary)
                    .probabilities(
                            logits.values(), row * vocabulary, new LogitsProcessor(params, vocabulary, stop), actual);
            int at = one.get("probability_row").intValue() * vocabulary;
            for (int id = 0; id < vocabulary; id++) {
                assertThat(actual[id]).as("%s, id %d", one, id).isCloseTo(expected[at + id], within(1e-6));
            }
            assertThat(Arrays.stream(actual).filter(p -> p > 0).count())
                    .isEqualTo(one.get("kept").intValue());
        }
    }

    @Test
    void aNucleusOfEverythingIsRefusedWhereNoSumExceedsIt() {
        SamplerPolicy policy = Families.all().sampler("spikegpt-run");
        assertThatThrownBy(
                        () -> SamplingParams.defaults(policy).change().topP(1).build())
                .hasMessage("--top-p is 1.0; it must be below 1 with --sampler spikegpt-run");
        assertThat(SamplingParams.defaults(policy).temperature()).isEqualTo(1.5f);
        assertThat(SamplingParams.defaults(policy).topP()).isEqualTo(0.7f);
        assertThat(SamplingParams.defaults(policy).topK()).isZero();
    }

    /** The character model has a wider nucleus after a line feed, whatever the nucleus elsewhere. */
    @Test
    void aLineFeedWidensTheNucleusOfTheCharacterModelAlone() {
        int lineFeed = 3;
        float[] logits = new float[300];
        for (int id = 1; id < logits.length; id++) {
            logits[id] = -0.3f * id;
        }
        for (int vocabulary : new int[] {77, 300}) {
            double[] elsewhere = nucleus(logits, vocabulary, lineFeed, 0.7f, 9);
            double[] after = nucleus(logits, vocabulary, lineFeed, 0.7f, lineFeed);
            assertThat(after).isEqualTo(vocabulary == 77 ? nucleus(logits, vocabulary, lineFeed, 0.9f, 9) : elsewhere);
            assertThat(after)
                    .isNotEqualTo(vocabulary == 77 ? elsewhere : nucleus(logits, vocabulary, lineFeed, 0.9f, 9));
            assertThat(nucleus(logits, vocabulary, -1, 0.7f, lineFeed)).isEqualTo(elsewhere);
        }
    }

    private static double[] nucleus(float[] logits, int vocabulary, int lineFeed, float topP, int last) {
        SamplingParams params = SamplingParams.defaults(Families.all().sampler("spikegpt-run"))
                .change()
                .topP(topP)
                .build();
        LogitsProcessor rules =
                new LogitsProcessor(params, vocabulary, new StopRule(StopTokens.at(0), new int[0], Optional.empty()));
        rules.saw(last);
        double[] out = new double[vocabulary];
        new Sampler(KernelProvider.kernels(), vocabulary, vocabulary, lineFeed).probabilities(logits, 0, rules, out);
        return out;
    }

    private static double[] doubles(Path npy) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(npy)).order(ByteOrder.LITTLE_ENDIAN);
        int data = 10 + bytes.getShort(8);
        double[] values = new double[(bytes.capacity() - data) / Double.BYTES];
        bytes.position(data)
                .slice()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asDoubleBuffer()
                .get(values);
        return values;
    }
}
