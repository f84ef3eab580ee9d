package io.spikelet.engine.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.ByteTokenizer;
import io.spikelet.engine.family.symboliclight.SymbolicLightPreset;
import io.spikelet.engine.family.symboliclight.SymbolicLightSampler;
import io.spikelet.engine.model.CommonSampler;
import io.spikelet.engine.model.SamplerPolicy;
import io.spikelet.engine.token.Tokenizer;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class StopRuleTest {
    private static final Optional<Tokenizer> TOKENIZER = Optional.of(new ByteTokenizer());

    private static StopRule rule(
            SamplerPolicy policy, SymbolicLightPreset model, OptionalInt eos, Optional<Tokenizer> tokenizer) {
        return new StopRule(model.config().stopTokens(policy, eos, tokenizer), new int[0], tokenizer);
    }

    private static StopRule large(OptionalInt eos, Optional<Tokenizer> tokenizer) {
        return rule(SymbolicLightSampler.V0_8B, SymbolicLightPreset.V0_8B, eos, tokenizer);
    }

    private static StopRule small() {
        return rule(SymbolicLightSampler.V194M, SymbolicLightPreset.V194M, OptionalInt.empty(), Optional.empty());
    }

    @Test
    void nothingStopsBeforeTheFirstToken() {
        assertThat(large(OptionalInt.empty(), TOKENIZER).stops(new int[] {2}, 0))
                .isFalse();
        assertThat(small().stops(new int[] {2}, 0)).isFalse();
    }

    @Test
    void bothStopAtEos() {
        int[] ids = {40, 2, 2};
        for (StopRule rule : new StopRule[] {
            large(OptionalInt.empty(), TOKENIZER), large(OptionalInt.empty(), Optional.empty()), small()
        }) {
            assertThat(rule.stops(ids, 1)).isFalse();
            assertThat(rule.stops(ids, 2)).isTrue();
            assertThat(rule.protects(2)).isTrue();
        }
    }

    @Test
    void anExplicitEosOverrulesTheTokenizers() {
        StopRule rule = large(OptionalInt.of(96), TOKENIZER);

        assertThat(rule.stops(new int[] {96}, 1)).isTrue();
        assertThat(rule.stops(new int[] {2}, 1)).isFalse();
        assertThat(rule.protects(2)).isFalse();
        assertThat(large(OptionalInt.of(-1), TOKENIZER).protects(-1)).isFalse();
    }

    @Test
    void theAssistantStopNeedsATokenizerAndThe08bRule() {
        int[] ids = {50, 51, 52, 53, ByteTokenizer.ASSISTANT_STOP};

        StopRule with = large(OptionalInt.empty(), TOKENIZER);
        assertThat(with.stops(ids, 5)).isTrue();
        assertThat(with.stops(ids, 4)).isFalse();
        assertThat(with.protects(ByteTokenizer.ASSISTANT_STOP)).isTrue();
        StopRule without = large(OptionalInt.empty(), Optional.empty());
        assertThat(without.stops(ids, 5)).isFalse();
        assertThat(without.protects(ByteTokenizer.ASSISTANT_STOP)).isFalse();
        assertThat(small().stops(ids, 5)).isFalse();
    }

    @Test
    void greedyDecodingFollowsTheVariantOfTheModel() {
        int[] ids = {ByteTokenizer.ASSISTANT_STOP};

        assertThat(rule(CommonSampler.GREEDY, SymbolicLightPreset.V0_8B, OptionalInt.empty(), TOKENIZER)
                        .stops(ids, 1))
                .isTrue();
        assertThat(rule(CommonSampler.GREEDY, SymbolicLightPreset.V194M, OptionalInt.empty(), TOKENIZER)
                        .stops(ids, 1))
                .isFalse();
        assertThat(rule(SymbolicLightSampler.V0_8B, SymbolicLightPreset.V194M, OptionalInt.empty(), TOKENIZER)
                        .stops(ids, 1))
                .isTrue();
    }
}
