package io.spikelet.engine.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.ByteTokenizer;
import io.spikelet.engine.model.Variant;
import io.spikelet.engine.token.Tokenizer;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class StopRuleTest {
    private static final Optional<Tokenizer> TOKENIZER = Optional.of(new ByteTokenizer());

    @Test
    void nothingStopsBeforeTheFirstToken() {
        assertThat(StopRule.release08b(OptionalInt.empty(), TOKENIZER).stops(new int[] {2}, 0))
                .isFalse();
        assertThat(StopRule.release194m().stops(new int[] {2}, 0)).isFalse();
    }

    @Test
    void bothStopAtEos() {
        int[] ids = {40, 2, 2};
        for (StopRule rule : new StopRule[] {
            StopRule.release08b(OptionalInt.empty(), TOKENIZER),
            StopRule.release08b(OptionalInt.empty(), Optional.empty()),
            StopRule.release194m()
        }) {
            assertThat(rule.stops(ids, 1)).isFalse();
            assertThat(rule.stops(ids, 2)).isTrue();
            assertThat(rule.protects(2)).isTrue();
        }
    }

    @Test
    void anExplicitEosOverrulesTheTokenizers() {
        StopRule rule = StopRule.release08b(OptionalInt.of(96), TOKENIZER);

        assertThat(rule.stops(new int[] {96}, 1)).isTrue();
        assertThat(rule.stops(new int[] {2}, 1)).isFalse();
        assertThat(rule.protects(2)).isFalse();
        assertThat(StopRule.release08b(OptionalInt.of(-1), TOKENIZER).protects(-1))
                .isFalse();
    }

    @Test
    void theAssistantStopNeedsATokenizerAndThe08bRule() {
        int[] ids = {50, 51, 52, 53, ByteTokenizer.ASSISTANT_STOP};

        StopRule with = StopRule.release08b(OptionalInt.empty(), TOKENIZER);
        assertThat(with.stops(ids, 5)).isTrue();
        assertThat(with.stops(ids, 4)).isFalse();
        assertThat(with.protects(ByteTokenizer.ASSISTANT_STOP)).isTrue();
        StopRule without = StopRule.release08b(OptionalInt.empty(), Optional.empty());
        assertThat(without.stops(ids, 5)).isFalse();
        assertThat(without.protects(ByteTokenizer.ASSISTANT_STOP)).isFalse();
        assertThat(StopRule.release194m().stops(ids, 5)).isFalse();
    }

    @Test
    void greedyDecodingFollowsTheVariantOfTheModel() {
        int[] ids = {ByteTokenizer.ASSISTANT_STOP};

        assertThat(StopRule.of(SamplerPolicy.GREEDY, Variant.V0_8B, OptionalInt.empty(), TOKENIZER)
                        .stops(ids, 1))
                .isTrue();
        assertThat(StopRule.of(SamplerPolicy.GREEDY, Variant.V194M, OptionalInt.empty(), TOKENIZER)
                        .stops(ids, 1))
                .isFalse();
        assertThat(StopRule.of(SamplerPolicy.V0_8B, Variant.V194M, OptionalInt.empty(), TOKENIZER)
                        .stops(ids, 1))
                .isTrue();
    }
}
