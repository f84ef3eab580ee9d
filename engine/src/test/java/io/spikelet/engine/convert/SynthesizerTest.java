package io.spikelet.engine.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.family.symboliclight.SymbolicLightConfig;
import io.spikelet.engine.family.symboliclight.SymbolicLightPreset;
import io.spikelet.engine.model.ManifestReader;
import io.spikelet.engine.model.ModelVerifier;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.model.TensorSpec;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SynthesizerTest {
    private static final long SEED = 11;

    @TempDir
    private Path folder;

    @Test
    void thePresetsHaveTheReleasedParameterCounts() {
        assertThat(parameters(SymbolicLightPreset.V0_8B)).isEqualTo(873_668_135);
        assertThat(parameters(SymbolicLightPreset.V194M)).isEqualTo(194_016_924);
        assertThat(parameters(SymbolicLightPreset.TINY)).isEqualTo(5_788_181);
    }

    @Test
    void theSameSeedGivesTheSameBytes() {
        Synthesizer.synthesize(SymbolicLightPreset.TINY, SEED, folder.resolve("a"), line -> {});
        Synthesizer.synthesize(SymbolicLightPreset.TINY, SEED, folder.resolve("b"), line -> {});
        Synthesizer.synthesize(SymbolicLightPreset.TINY, SEED + 1, folder.resolve("c"), line -> {});

        assertThat(folder.resolve("a/weights.bin")).hasSameBinaryContentAs(folder.resolve("b/weights.bin"));
        assertThat(folder.resolve("a/manifest.json")).hasSameBinaryContentAs(folder.resolve("b/manifest.json"));
        assertThat(ManifestReader.read(folder.resolve("c"), Families.all()).weightsSha256())
                .isNotEqualTo(
                        ManifestReader.read(folder.resolve("a"), Families.all()).weightsSha256());
        ModelVerifier.verify(folder.resolve("a"), Families.all());
    }

    @Test
    void oneUnitInTenFiresEverywhere() {
        Path directory = folder.resolve("model");
        Synthesizer.synthesize(SymbolicLightPreset.TINY, SEED, directory, line -> {});
        int positions = 200;

        try (SpikingModel model = SpikingModel.open(directory, Families.all());
                Decoder decoder = new Decoder(model, positions)) {
            DecoderState state = decoder.allocate(positions);
            Random random = new Random(SEED);
            decoder.clear();
            for (int i = 0; i < positions; i++) {
                decoder.add(state, random.nextInt(model.config().vocabSize()), false);
            }
            decoder.run();

            SpikeStatistics spikes = decoder.spikes(state);
            SymbolicLightConfig config = SymbolicLightPreset.TINY.config();
            double width = (double) positions * config.embedDim();
            assertThat(spikes.count("encoder", 0) / width).isBetween(0.08, 0.12);
            for (int layer = 0; layer < config.layers(); layer++) {
                assertThat(spikes.count("block", layer) / width).isBetween(0.08, 0.12);
                assertThat(spikes.count("ffn", layer) / ((double) positions * config.intermediateDim()))
                        .isBetween(0.08, 0.12);
            }
            decoder.release(state);
        }
    }

    @Test
    void anExistingOutputIsRefused() {
        assertThatThrownBy(() -> Synthesizer.synthesize(SymbolicLightPreset.TINY, SEED, folder, line -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("exists");
    }

    private static long parameters(SymbolicLightPreset preset) {
        long parameters = 0;
        for (TensorSpec spec : preset.config().tensors()) {
            if (!spec.name().endsWith(".inv_freq")) {
                parameters +=
                        spec.shape().stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
            }
        }
        return parameters;
    }
}
