package io.spikelet.engine.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.GoldenCase;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.MappedWeights;
import io.spikelet.engine.model.ModelVerifier;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.model.TensorSpec;
import io.spikelet.engine.tensor.FloatMatrix;
import io.spikelet.engine.tensor.Int8Matrix;
import io.spikelet.engine.tensor.Matrix;
import io.spikelet.engine.tensor.W8A8Matrix;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class DequantizerTest {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    @TempDir
    private Path folder;

    private Path output;

    @BeforeEach
    void chooseOutput() {
        output = folder.resolve("floats");
    }

    @ParameterizedTest
    @EnumSource(GoldenCase.Weights.class)
    void everyWeightIsItsCodeTimesItsScale(GoldenCase.Weights weights) {
        Path model = model(weights);
        Dequantizer.dequantize(model, Families.all(), output);

        ModelVerifier.verify(output, Families.all());
        try (MappedWeights source = MappedWeights.map(model, Families.all());
                MappedWeights floats = MappedWeights.map(output, Families.all())) {
            assertThat(floats.manifest().config()).isEqualTo(source.manifest().config());
            assertThat(floats.manifest().weightsBytes())
                    .isBetween(
                            Dequantizer.weightsBytes(source.manifest()),
                            Dequantizer.weightsBytes(source.manifest())
                                    + 64L * floats.manifest().tensors().size()
                                    + 64);
            for (TensorSpec spec : source.manifest().config().tensors()) {
                if (spec.isMatrix()) {
                    assertSame(source.matrix(spec.name()), (FloatMatrix) floats.matrix(spec.name()));
                } else {
                    assertThat(floats.vector(spec.name())).as(spec.name()).isEqualTo(source.vector(spec.name()));
                }
            }
        }
    }

    @Test
    void anOutputThatExistsIsRefused() throws Exception {
        Files.createDirectory(output);
        Path model = model(GoldenCase.Weights.INT8);

        assertThatThrownBy(() -> Dequantizer.dequantize(model, Families.all(), output))
                .hasMessageContaining("exists");
    }

    private static void assertSame(Matrix source, FloatMatrix floats) {
        for (int n = 0; n < source.outputs(); n++) {
            for (int k = 0; k < source.inputs(); k++) {
                long at = source.layout().index(n, k, source.outputs(), source.inputs());
                long stored = floats.layout().index(n, k, source.outputs(), source.inputs()) * Float.BYTES;
                float expected = switch (source) {
                    case Int8Matrix int8 -> int8.data().get(ValueLayout.JAVA_BYTE, at) * int8.scales()[n];
                    case W8A8Matrix w8a8 ->
                        ((w8a8.data().get(ValueLayout.JAVA_BYTE, at) & 0xff) - 128) * w8a8.scales()[n];
                    case FloatMatrix other -> other.data().get(FLOAT, at * Float.BYTES);
                };
                if (floats.data().get(FLOAT, stored) != expected) {
                    assertThat(floats.data().get(FLOAT, stored)).isEqualTo(expected);
                }
            }
        }
    }

    private Path model(GoldenCase.Weights weights) {
        try (SpikingModel model = GoldenCase.load("c5-tiny-08b-odd").open(folder, weights)) {
            return model.directory();
        }
    }
}
