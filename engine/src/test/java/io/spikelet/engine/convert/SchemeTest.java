package io.spikelet.engine.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.GoldenCase;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.MappedWeights;
import io.spikelet.engine.model.ModelFormatException;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.Scheme;
import io.spikelet.engine.model.TensorEntry;
import io.spikelet.engine.model.TensorSpec;
import io.spikelet.engine.tensor.DType;
import io.spikelet.engine.tensor.Int8Matrix;
import io.spikelet.engine.tensor.Matrix;
import io.spikelet.engine.tensor.W8A8Matrix;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The schemes of a model directory. */
class SchemeTest {
    @TempDir
    Path folder;

    @Test
    void conversionStoresTheSameCodesForRoundedInputs() {
        Path checkpoint = GoldenCase.load("c5-tiny-08b-odd").file("checkpoint.pt");
        Path plain = convert(checkpoint, DType.INT8, "w8a32");
        Path rounded = convert(checkpoint, DType.W8A8, "w8a8");
        assertSameCodes(plain, rounded);
        Path full = convert(checkpoint, DType.FLOAT32, "fp32");
        assertThat(scheme(plain)).isEqualTo(Scheme.W8A32);
        assertThat(scheme(rounded)).isEqualTo(Scheme.W8A8);
        assertThat(scheme(full)).isEqualTo(Scheme.FP32);
    }

    @Test
    void synthesisStoresTheSameCodesForRoundedInputs() {
        ModelPreset tiny = preset("tiny");
        Path plain = folder.resolve("w8a32");
        Path rounded = folder.resolve("w8a8");
        Synthesizer.synthesize(tiny, 3, plain, line -> {});
        Synthesizer.synthesize(tiny, 3, Scheme.W8A8, Optional.empty(), rounded, line -> {});
        assertSameCodes(plain, rounded);
        assertThatThrownBy(() -> Synthesizer.synthesize(
                        tiny, 3, Scheme.FP32, Optional.empty(), folder.resolve("fp32"), line -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("w8a8");
    }

    @Test
    void aFamilyWithoutContinuousInputsRefusesIt() {
        ModelPreset binary = Families.mappings().presets().stream()
                .filter(preset -> !preset.config().roundsInputs())
                .findFirst()
                .orElseThrow();
        Path output = folder.resolve("refused");
        assertThatThrownBy(() -> Synthesizer.synthesize(binary, 3, Scheme.W8A8, Optional.empty(), output, line -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(binary.config().family().architecture())
                .hasMessageContaining("w8a32");
        assertThat(output).doesNotExist();
    }

    @Test
    void aManifestThatRoundsTheInputsOfASpikeProductIsRefused() throws Exception {
        Path model = folder.resolve("model");
        Synthesizer.synthesize(preset("tiny"), 3, Scheme.W8A8, Optional.empty(), model, line -> {});
        Path manifest = model.resolve(ModelManifest.FILE);
        String text = Files.readString(manifest);
        int tensor = text.indexOf("ffn.down.weight");
        int type = text.indexOf("\"int8\"", tensor);
        Files.writeString(manifest, text.substring(0, type) + "\"w8a8\"" + text.substring(type + 6));
        assertThatThrownBy(() -> MappedWeights.map(model, Families.all()))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("ffn.down.weight")
                .hasMessageContaining("w8a8");
    }

    private static ModelPreset preset(String label) {
        return Families.mappings().presets().stream()
                .filter(preset -> preset.label().equals(label))
                .findFirst()
                .orElseThrow();
    }

    private Path convert(Path checkpoint, DType weights, String name) {
        Path output = folder.resolve("converted-" + name);
        DType embedding = weights == DType.FLOAT32 ? DType.FLOAT32 : DType.INT8;
        Converter.convert(Checkpoints.options(checkpoint, output, weights, embedding), Families.mappings(), line -> {});
        return output;
    }

    private static Scheme scheme(Path model) {
        try (MappedWeights weights = MappedWeights.map(model, Families.all())) {
            return Scheme.of(weights.manifest());
        }
    }

    private static void assertSameCodes(Path plain, Path rounded) {
        try (MappedWeights expected = MappedWeights.map(plain, Families.all());
                MappedWeights actual = MappedWeights.map(rounded, Families.all())) {
            for (TensorSpec spec : expected.manifest().config().tensors()) {
                if (!spec.isMatrix()) {
                    assertThat(actual.vector(spec.name())).isEqualTo(expected.vector(spec.name()));
                    continue;
                }
                TensorEntry entry = actual.manifest().tensor(spec.name());
                assertThat(entry.dtype() == DType.W8A8).as(spec.name()).isEqualTo(spec.hasContinuousInput());
                Int8Matrix codes = (Int8Matrix) expected.matrix(spec.name());
                Matrix other = actual.matrix(spec.name());
                for (int n = 0; n < codes.outputs(); n += 7) {
                    for (int k = 0; k < codes.inputs(); k++) {
                        assertThat(code(other, n, k)).isEqualTo(code(codes, n, k));
                    }
                }
            }
        }
    }

    private static int code(Matrix matrix, int output, int input) {
        long at = matrix.layout().index(output, input, matrix.outputs(), matrix.inputs());
        byte stored = matrix.data().get(ValueLayout.JAVA_BYTE, at);
        return matrix instanceof W8A8Matrix ? Byte.toUnsignedInt(stored) - W8A8Matrix.ZERO_POINT : stored;
    }
}
