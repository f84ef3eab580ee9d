package io.spikelet.engine.family.symboliclight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.spikelet.engine.GoldenCase;
import io.spikelet.engine.model.CostModel;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.model.TokenCost;
import io.spikelet.engine.telemetry.Population;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Counts by hand: width 64, 3 layers, 192 hidden units, vocabulary 320, bottleneck 16, window 16, 4 anchors. */
final class SymbolicLightCostsTest {
    private static final Offset<Double> EXACT = within(1e-6);

    /** q, k, v and out of 64 by 64, up of 192 by 64, in 3 layers. */
    private static final int BODY = 3 * (4 * 64 * 64 + 192 * 64);

    /** The output, the bottleneck padded to a panel, and the prior. */
    private static final int HEAD_BYTES = 320 * 64 + 64 * 64 + 320 * 16;

    private static final int HEAD_MULTIPLY_ADDS = 320 * 64 + 16 * 64 + 320 * 16;

    /** One position: a quarter of the encoder; of the feed-forwards 1/2, 1/4, 1/8; of the blocks 1/2, 3/4 and all. */
    private static final SpikeStatistics RATES = new SpikeStatistics(
            1,
            List.of(new Population("encoder", 1, 64), new Population("ffn", 3, 192), new Population("block", 3, 64)),
            new long[] {16, 96, 48, 24, 32, 48, 64});

    @TempDir
    private Path folder;

    @Test
    void oneSequenceReadsEveryPanelAndTheVectorsOfWhatFires() {
        TokenCost cost =
                costs("c1-tiny-08b", GoldenCase.Weights.INT8_EMBEDDING, 320).decode(1, 0, 1, RATES);

        assertThat(cost.denseBytes()).isEqualTo(BODY + HEAD_BYTES);
        assertThat(cost.denseMultiplyAdds()).isEqualTo(BODY + HEAD_MULTIPLY_ADDS);
        // Block 0 is entered by the encoder's spikes, block i by those of block i - 1; the last block's are never read.
        double entering = (0.25 + 0.5 + 0.75) * 64;
        double hidden = (0.5 + 0.25 + 0.125) * 192;
        assertThat(cost.spikeBytes()).isCloseTo((entering + hidden) * 64, EXACT);
        assertThat(cost.additions()).isCloseTo((entering + hidden) * 64, EXACT);
        assertThat(cost.wordOperations()).isZero();
        assertThat(cost.bytes()).isCloseTo(cost.denseBytes() + cost.spikeBytes() + cost.keyValueBytes(), EXACT);
    }

    @Test
    void severalSequencesShareThePanelsAndTheVectorsThatTheyHaveInCommon() {
        CostModel costs = costs("c1-tiny-08b", GoldenCase.Weights.INT8_EMBEDDING, 320);
        TokenCost cost = costs.decode(2, 0, 1, RATES);

        assertThat(cost.denseBytes()).isEqualTo((BODY + HEAD_BYTES) / 2.0);
        assertThat(cost.denseMultiplyAdds()).isEqualTo(BODY + HEAD_MULTIPLY_ADDS);
        double entering = (1 - 0.75 * 0.75 + 0.75 + 1 - 0.25 * 0.25) * 64;
        double hidden = (0.75 + 1 - 0.75 * 0.75 + 1 - 0.875 * 0.875) * 192;
        assertThat(cost.spikeBytes()).isCloseTo((entering + hidden) * 64 / 2, EXACT);
        assertThat(cost.keyValueBytes()).isEqualTo(costs.decode(1, 0, 1, RATES).keyValueBytes());
        assertThat(cost.additions())
                .as("of a token")
                .isEqualTo(costs.decode(1, 0, 1, RATES).additions());
    }

    @Test
    void keysAndValuesAreThoseOfTheWindowAndTheAnchors() {
        CostModel costs = costs("c1-tiny-08b", GoldenCase.Weights.INT8_EMBEDDING, 320);

        assertThat(costs.decode(1, 0, 4, RATES).keyValueBytes()).isCloseTo(3 * 2.5 * 64 * 2 * 4, EXACT);
        assertThat(costs.decode(1, 16, 1, RATES).keyValueBytes()).isCloseTo(3 * 17 * 64 * 2 * 4, EXACT);
        assertThat(costs.decode(1, 18, 1, RATES).keyValueBytes()).isCloseTo(3 * (17 + 2) * 64 * 2 * 4, EXACT);
        assertThat(costs.decode(1, 48, 16, RATES).keyValueBytes()).isCloseTo(3 * (17 + 4) * 64 * 2 * 4, EXACT);
        assertThat(costs.decode(1, 48, 16, RATES).attentionMultiplyAdds()).isCloseTo(3 * 21 * 64 * 2, EXACT);
    }

    @Test
    void aSmallerVocabularyIsReadInWholePanels() {
        TokenCost cost =
                costs("c1-tiny-08b", GoldenCase.Weights.INT8_EMBEDDING, 200).decode(1, 0, 1, RATES);

        assertThat(cost.denseBytes()).isEqualTo(BODY + 256 * 64 + 64 * 64 + 256 * 16);
        assertThat(cost.denseMultiplyAdds()).isEqualTo(BODY + 200 * 64 + 16 * 64 + 200 * 16);
    }

    @Test
    void visitingEveryInputReadsAllOfTheMatricesWithSpikes() {
        TokenCost cost =
                costs("c1-tiny-08b", GoldenCase.Weights.INT8_EMBEDDING, 320).decodeDense(0, 1);

        assertThat(cost.spikeBytes()).isEqualTo(3 * (64 * 64 + 192 * 64));
    }

    @Test
    void aPromptPaysForTheLogitsItAsksFor() {
        CostModel costs = costs("c1-tiny-08b", GoldenCase.Weights.INT8_EMBEDDING, 320);

        TokenCost last = costs.prompt(32, 8, 1.0 / 32, RATES);
        TokenCost all = costs.prompt(32, 48, 1, RATES);

        assertThat(last.denseMultiplyAdds()).isEqualTo(BODY + HEAD_MULTIPLY_ADDS / 32.0);
        assertThat(last.denseBytes()).isEqualTo((BODY + HEAD_BYTES / 32.0) / 8);
        assertThat(all.denseMultiplyAdds()).isEqualTo(BODY + HEAD_MULTIPLY_ADDS);
        assertThat(all.denseBytes()).isEqualTo((BODY + HEAD_BYTES) / 32.0);
    }

    @Test
    void aModelWithoutAttentionHasNoKeys() {
        TokenCost cost = costs("c3-tiny-08b-noattn", GoldenCase.Weights.INT8_EMBEDDING, 320)
                .decode(1, 40, 4, RATES);

        assertThat(cost.keyValueBytes()).isZero();
        assertThat(cost.attentionMultiplyAdds()).isZero();
        assertThat(cost.denseMultiplyAdds()).isEqualTo(3 * (64 * 64 + 192 * 64) + HEAD_MULTIPLY_ADDS);
    }

    @Test
    void floatWeightsTakeFourTimesTheBytes() {
        TokenCost cost = costs("c1-tiny-08b", GoldenCase.Weights.FP32, 320).decode(1, 0, 1, RATES);

        assertThat(cost.denseBytes()).isEqualTo(4.0 * (BODY + HEAD_BYTES));
        assertThat(cost.denseMultiplyAdds()).isEqualTo(BODY + HEAD_MULTIPLY_ADDS);
    }

    private CostModel costs(String name, GoldenCase.Weights weights, int vocabulary) {
        try (SpikingModel model = GoldenCase.load(name).open(folder, weights)) {
            ModelManifest manifest = model.manifest();
            return model.config().costs(manifest, vocabulary);
        }
    }
}
