package io.spikelet.engine.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.spikelet.engine.Samplers;
import io.spikelet.engine.family.symboliclight.SymbolicLightPreset;
import io.spikelet.engine.family.symboliclight.SymbolicLightSampler;
import io.spikelet.engine.kernel.KernelProvider;
import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.kernel.ScalarKernels;
import io.spikelet.engine.model.CommonSampler;
import io.spikelet.engine.model.SamplerPolicy;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SamplerTest {
    private static final Kernels KERNELS = KernelProvider.kernels();
    private static final StopRule STOP = stop(OptionalInt.empty());

    private static StopRule stop(OptionalInt eos, int... further) {
        return new StopRule(
                SymbolicLightPreset.TINY.config().stopTokens(SymbolicLightSampler.V0_8B, eos, Optional.empty()),
                further,
                Optional.empty());
    }

    /** The softmax as it is, of one token. */
    private static SamplingParams plain(SamplerPolicy policy) {
        return SamplingParams.defaults(policy)
                .change()
                .maxNewTokens(1)
                .temperature(1)
                .topK(0)
                .topP(1)
                .adaptiveTemperature(false)
                .build();
    }

    private static SamplingParams params(SamplerPolicy policy, float temperature, int topK, float topP, int... banned) {
        return plain(policy)
                .change()
                .temperature(temperature)
                .topK(topK)
                .topP(topP)
                .bannedIds(banned)
                .build();
    }

    private static LogitsProcessor rules(SamplingParams params, int vocabulary) {
        return new LogitsProcessor(params, vocabulary, STOP);
    }

    private static double[] probabilities(float[] logits, SamplingParams params) {
        double[] out = new double[logits.length];
        new Sampler(KERNELS, logits.length, logits.length).probabilities(logits, 0, rules(params, logits.length), out);
        return out;
    }

    private static float[] random(int size, long seed, boolean ties) {
        Random random = new Random(seed);
        float[] logits = new float[size];
        for (int i = 0; i < size; i++) {
            logits[i] =
                    0f + (float) (ties ? Math.rint(2 * random.nextGaussian()) / 2 : 3 * random.nextGaussian()); // no -0
        }
        return logits;
    }

    @Test
    void greedyTakesTheLowestOfEqualLogits() {
        Sampler sampler = new Sampler(KERNELS, 5, 5);
        float[] logits = {-9, 1, 3, 3, 0, 3};

        assertThat(sampler.sample(logits, 0, rules(params(CommonSampler.GREEDY, 1, 0, 1), 5), 0.9))
                .isEqualTo(2);
        assertThat(sampler.sample(logits, 1, rules(params(CommonSampler.GREEDY, 1, 0, 1), 5), 0.9))
                .isEqualTo(1);
        assertThat(sampler.sample(logits, 0, rules(params(CommonSampler.GREEDY, 1, 0, 1, 3, 99, -4), 5), 0.9))
                .as("2 is EOS, 3 is banned")
                .isEqualTo(2);
        assertThat(sampler.sample(
                        new float[] {0, 5, 1, 4, 2}, 0, rules(params(CommonSampler.GREEDY, 1, 0, 1, 1), 5), 0))
                .isEqualTo(3);
    }

    @ParameterizedTest
    @MethodSource("io.spikelet.engine.Samplers#all")
    void idsBeyondTheTokenizersVocabularyAreNeverProduced(SamplerPolicy policy) {
        float[] logits = random(64, 5, false);
        logits[50] = 100;
        Sampler sampler = new Sampler(KERNELS, 64, 40);
        LogitsProcessor rules = rules(SamplingParams.defaults(policy), 40);
        for (int i = 0; i < 200; i++) {
            assertThat(sampler.sample(logits, 0, rules, i / 200.0)).isLessThan(40);
        }
    }

    @Test
    void topKOf08bKeepsExactlyKAndTheLowestIdsOfATie() {
        float[] logits = {1, 2, 1, 1, 3, 1};

        double[] p = probabilities(logits, params(SymbolicLightSampler.V0_8B, 1, 3, 1));

        assertThat(IntStream.range(0, 6).filter(i -> p[i] > 0)).containsExactly(0, 1, 4);
        assertThat(Arrays.stream(p).sum()).isCloseTo(1, within(1e-12));
    }

    @Test
    void topKOf194mKeepsEveryIdThatEqualsTheLast() {
        float[] logits = {1, 2, 1, 0, 3, 1};

        double[] p = probabilities(logits, params(SymbolicLightSampler.V194M, 1, 3, 1));

        assertThat(IntStream.range(0, 6).filter(i -> p[i] > 0)).containsExactly(0, 1, 2, 4, 5);
    }

    @Test
    void topPKeepsTheIdThatCrossesItAndAlwaysTheFirst() {
        float[] logits = new float[4];
        double[] shares = {0.1, 0.5, 0.3, 0.1};
        for (int i = 0; i < 4; i++) {
            logits[i] = (float) Math.log(shares[i]);
        }
        assertThat(probabilities(logits, params(SymbolicLightSampler.V0_8B, 1, 0, 0.6f)))
                .containsExactly(new double[] {0, 0.625, 0.375, 0}, within(1e-6));
        assertThat(probabilities(logits, params(SymbolicLightSampler.V0_8B, 1, 0, 0.001f)))
                .containsExactly(0, 1, 0, 0);
        assertThat(probabilities(logits, params(SymbolicLightSampler.V0_8B, 1, 0, 0.85f)))
                .as("the lower id of the tie")
                .containsExactly(new double[] {1 / 9.0, 5 / 9.0, 3 / 9.0, 0}, within(1e-6));
        assertThat(probabilities(logits, params(SymbolicLightSampler.V0_8B, 1, 3, 0.6f)))
                .as("the share is one of the survivors of top-k")
                .containsExactly(new double[] {0, 0.625, 0.375, 0}, within(1e-6));
    }

    @Test
    void thePenaltyFallsOncePerSeenIdWhateverTheSign() {
        SamplingParams params =
                plain(SymbolicLightSampler.V0_8B).change().repetitionPenalty(2).build();
        LogitsProcessor rules = rules(params, 4);
        for (int id : new int[] {1, 1, 1, 2, 900}) {
            rules.saw(id);
        }
        float[] logits = {4, 4, -3, -3};

        rules.apply(logits);

        assertThat(logits).containsExactly(4, 2, -6, -3);
    }

    @ParameterizedTest
    @MethodSource("io.spikelet.engine.Samplers#all")
    void presenceAndFrequencyPenaltiesFallOnGeneratedIdsAlone(SamplerPolicy policy) {
        SamplingParams params = plain(policy)
                .change()
                .presencePenalty(0.5f)
                .frequencyPenalty(0.25f)
                .build();
        LogitsProcessor rules = rules(params, 4);
        rules.saw(0);
        for (int id : new int[] {1, 1, 1, 3}) {
            rules.generated(id);
        }
        float[] logits = {4, 4, -3, -3};

        rules.apply(logits);

        assertThat(logits).containsExactly(4, 4 - 3 * 0.25f - 0.5f, -3, -3 - 0.25f - 0.5f);
    }

    @Test
    void theRepetitionPenaltyComesBeforeTheOthersAndCountsTheCompletionToo() {
        SamplingParams params = plain(SymbolicLightSampler.V194M)
                .change()
                .repetitionPenalty(2)
                .presencePenalty(1)
                .build();
        LogitsProcessor rules = rules(params, 3);
        rules.saw(0);
        rules.generated(1);
        float[] logits = {4, 4, 4};

        rules.apply(logits);

        assertThat(logits).containsExactly(2, 1, 4);
    }

    @ParameterizedTest
    @MethodSource("io.spikelet.engine.Samplers#all")
    void penaltiesAndBansChangeTheChoiceOfEveryPolicy(SamplerPolicy policy) {
        float[] logits = {0, 9, 8.5f, 0, 0};
        Sampler sampler = new Sampler(KERNELS, 5, 5);
        SamplingParams one = plain(policy).change().topK(1).build();
        StopRule stop = stop(OptionalInt.of(4));
        for (SamplingParams changed : List.of(
                one.change().repetitionPenalty(1.5f).build(),
                one.change().presencePenalty(1).build(),
                one.change().frequencyPenalty(0.6f).build(),
                one.change().bannedIds(1).build())) {
            LogitsProcessor rules = new LogitsProcessor(changed, 5, stop);
            rules.generated(1);
            assertThat(sampler.sample(logits, 0, new LogitsProcessor(one, 5, stop), 0.5))
                    .isEqualTo(1);
            assertThat(sampler.sample(logits, 0, rules, 0.5)).as("%s", changed).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @MethodSource("io.spikelet.engine.Samplers#all")
    void idsThatEndACompletionAreForbiddenUntilItIsLongEnough(SamplerPolicy policy) {
        SamplingParams params = plain(policy)
                .change()
                .maxNewTokens(9)
                .minNewTokens(2)
                .stopIds(3)
                .build();
        LogitsProcessor rules = new LogitsProcessor(params, 5, stop(OptionalInt.of(4), params.stopIds()));
        for (int generated = 0; generated < 3; generated++) {
            float[] logits = {1, 1, 1, 1, 1};
            rules.apply(logits);
            float stopping = generated < 2 ? Float.NEGATIVE_INFINITY : 1;
            assertThat(logits).containsExactly(1, 1, 1, stopping, stopping);
            assertThat(rules.none()).isEqualTo(generated == 2);
            rules.generated(0);
        }
    }

    @ParameterizedTest
    @EnumSource(SymbolicLightSampler.class)
    void minPKeepsWhatIsLikelyBesideTheFirstAndComesAfterTopP(SamplerPolicy policy) {
        float[] logits = new float[4];
        double[] shares = {0.1, 0.5, 0.3, 0.1};
        for (int i = 0; i < 4; i++) {
            logits[i] = (float) Math.log(shares[i]);
        }
        assertThat(probabilities(logits, plain(policy).change().minP(0.55f).build()))
                .containsExactly(new double[] {0, 0.625, 0.375, 0}, within(1e-6));
        assertThat(probabilities(logits, plain(policy).change().minP(1).build()))
                .containsExactly(0, 1, 0, 0);
        assertThat(probabilities(logits, plain(policy).change().minP(0.1f).build()))
                .containsExactly(shares, within(1e-6));
        assertThat(probabilities(
                        logits, plain(policy).change().topP(0.85f).minP(0.3f).build()))
                .as("of 0.1, 0.5 and 0.3, which top-p leaves")
                .containsExactly(new double[] {0, 0.625, 0.375, 0}, within(1e-6));
    }

    @Test
    void topPHoldsForThe194mPolicyToo() {
        float[] logits = {0, 2, 1, -1};

        double[] p = probabilities(
                logits, plain(SymbolicLightSampler.V194M).change().topP(0.5f).build());

        assertThat(p).containsExactly(0, 1, 0, 0);
    }

    @Test
    void valuesOutOfTheirRangeAreRefusedByName() {
        SamplingParams good = SamplingParams.defaults(CommonSampler.GREEDY);
        assertRefused(good.change().minNewTokens(65), "--min-new-tokens is 65", "max-new-tokens, 64");
        assertRefused(good.change().minP(1.5f), "--min-p is 1.5");
        assertRefused(good.change().presencePenalty(-3), "--presence-penalty is -3.0", "-2 to 2");
        assertRefused(good.change().frequencyPenalty(Float.NaN), "--frequency-penalty is NaN");
        assertRefused(good.change().stopStrings(List.of("a", "")), "--stop is empty");
        assertRefused(good.change().stopStrings(List.of("\ud83d")), "--stop", "surrogate");
        assertRefused(good.change().bannedIds(7).stopIds(6, 7), "--stop-ids is 7", "no banned id");
    }

    private static void assertRefused(SamplingParams.Builder bad, String... parts) {
        assertThatThrownBy(bad::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(parts);
    }

    @Test
    void theDrawInvertsTheCumulativeDistributionLargestFirst() {
        float[] logits = new float[4];
        double[] shares = {0.1, 0.5, 0.3, 0.1};
        for (int i = 0; i < 4; i++) {
            logits[i] = (float) Math.log(shares[i]);
        }
        Sampler sampler = new Sampler(KERNELS, 4, 4);
        LogitsProcessor rules = rules(params(SymbolicLightSampler.V0_8B, 1, 0, 1), 4);

        assertThat(List.of(0.0, 0.49, 0.51, 0.79, 0.81, 0.89, 0.91, Math.nextDown(1.0)).stream()
                        .map(u -> sampler.sample(logits, 0, rules, u)))
                .containsExactly(1, 1, 2, 2, 0, 0, 3, 3);
    }

    @ParameterizedTest
    @EnumSource(SymbolicLightSampler.class)
    void drawsHaveTheStatedProbabilities(SamplerPolicy policy) {
        float[] logits = random(63, 11, true);
        SamplingParams params = SamplingParams.defaults(policy);
        double[] expected = probabilities(logits, params);
        int draws = 20_000;
        double[] counts = new double[logits.length];
        Sampler sampler = new Sampler(KERNELS, logits.length, logits.length);
        LogitsProcessor rules = rules(params, logits.length);
        for (int i = 0; i < draws; i++) {
            counts[sampler.sample(logits, 0, rules, (i + 0.5) / draws)] += 1.0 / draws;
        }
        assertThat(counts).containsExactly(expected, within(1.01 / draws));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 31, 32, 33, 63, 64, 65, 768, 1536})
    void ranksAgreeWithAFullSort(int size) {
        for (boolean ties : new boolean[] {false, true}) {
            float[] logits = random(size, size, ties);
            RankedIds ranks = new RankedIds(logits);
            List<Integer> sorted = IntStream.range(0, size)
                    .boxed()
                    .sorted(Comparator.comparing((Integer id) -> -logits[id]).thenComparing(id -> id))
                    .toList();
            ranks.selectAll();
            assertThat(IntStream.range(0, size).mapToObj(ranks::id)).isEqualTo(sorted);
            for (int count : new int[] {1, (size + 1) / 2, size}) {
                ranks.selectFirst(count);
                assertThat(IntStream.range(0, count).mapToObj(ranks::id)).isEqualTo(sorted.subList(0, count));
                ranks.selectFirstWithTies(count);
                int withTies = count;
                while (withTies < size && logits[sorted.get(withTies)] == logits[sorted.get(count - 1)]) {
                    withTies++;
                }
                assertThat(ranks.size()).isEqualTo(withTies);
                assertThat(IntStream.range(0, withTies).mapToObj(ranks::id)).isEqualTo(sorted.subList(0, withTies));
            }
        }
    }

    @Test
    void bothKernelsDrawTheSameIds() {
        float[] logits = random(1000, 3, false);
        for (SamplerPolicy policy : Samplers.ALL) {
            LogitsProcessor rules = rules(SamplingParams.defaults(policy), 900);
            Sampler vector = new Sampler(KERNELS, 1000, 900);
            Sampler scalar = new Sampler(new ScalarKernels(), 1000, 900);
            double[] expected = new double[900];
            double[] actual = new double[900];
            scalar.probabilities(logits, 50, rules, expected);
            vector.probabilities(logits, 50, rules, actual);
            assertThat(actual).isEqualTo(expected);
        }
    }

    @Test
    void refusesLogitsThatAreNoNumbers() {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            for (SamplerPolicy policy : Samplers.ALL) {
                float[] logits = {0, 1, bad, 2};
                assertThatThrownBy(() -> probabilities(logits, SamplingParams.defaults(policy)))
                        .isInstanceOf(ArithmeticException.class)
                        .hasMessageContaining("must be finite");
            }
        }
    }
}
