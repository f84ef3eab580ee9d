package io.spikelet.engine.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.Fixtures;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.family.symboliclight.SymbolicLightTensors;
import io.spikelet.engine.model.MappedWeights;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.ModelVerifier;
import io.spikelet.engine.model.TensorSpec;
import io.spikelet.engine.tensor.DType;
import io.spikelet.engine.tensor.FloatMatrix;
import io.spikelet.engine.tensor.Int8Matrix;
import io.spikelet.engine.tensor.Layout;
import io.spikelet.engine.tensor.Matrix;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The golden checkpoints, read back through the mapping, against the reference's own codes and weights. */
final class ConverterGoldenTest {
    private static final String CASES = "io.spikelet.engine.convert.Checkpoints#cases";
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @MethodSource(CASES)
    void int8CodesAndScalesEqualTheReference(String golden) throws IOException {
        Path model = folder.resolve("model");
        Checkpoints.convert(Fixtures.golden(golden + "/checkpoint.pt"), model);
        Map<String, SourceTensor> reference = Checkpoints.safeTensors(Fixtures.golden(golden + "/int8_q.safetensors"));

        int compared = 0;
        try (MappedWeights weights = MappedWeights.map(model, Families.all())) {
            for (TensorSpec spec : weights.manifest().config().tensors()) {
                if (spec.isMatrix()) {
                    Int8Matrix matrix = (Int8Matrix) weights.matrix(spec.name());
                    SourceTensor codes = reference.get(spec.name() + ".q");
                    assertThat(codes.type()).isEqualTo(ElementType.INT8);
                    assertThat(codes(matrix))
                            .as(spec.name())
                            .isEqualTo(codes.storage().toArray(ValueLayout.JAVA_BYTE));
                    assertThat(matrix.scales())
                            .as(spec.name())
                            .isEqualTo(Checkpoints.values(reference.get(spec.name() + ".scale")));
                    assertPaddingIsZero(matrix);
                    compared++;
                }
            }
        }
        assertThat(compared * 2).isEqualTo(reference.size());
    }

    @ParameterizedTest
    @MethodSource(CASES)
    void torchAndSafeTensorsGiveTheSameWeights(String golden) throws IOException {
        Path torch = folder.resolve("torch");
        Path safe = folder.resolve("safe");

        Checkpoints.convert(Fixtures.golden(golden + "/checkpoint.pt"), torch);
        Checkpoints.convert(Fixtures.golden(golden + "/model.safetensors"), safe);

        assertThat(torch.resolve(ModelManifest.WEIGHTS_FILE)).hasSameBinaryContentAs(safe.resolve("weights.bin"));
        ModelVerifier.verify(torch, Families.all());
        ModelVerifier.verify(safe, Families.all());
    }

    @Test
    void prefixedStridedAndSharedTensorsGiveTheSameWeights() {
        Path plain = folder.resolve("plain");
        Path alternative = folder.resolve("alternative");

        ConversionResult first = Checkpoints.convert(Fixtures.golden("c3-tiny-08b-noattn/checkpoint.pt"), plain);
        ConversionResult second =
                Checkpoints.convert(Fixtures.golden("c3-tiny-08b-noattn/checkpoint_alt.pt"), alternative);

        assertThat(alternative.resolve("weights.bin")).hasSameBinaryContentAs(plain.resolve("weights.bin"));
        assertThat(second.manifest().config()).isEqualTo(first.manifest().config());
    }

    @ParameterizedTest
    @MethodSource(CASES)
    void float32WeightsSurviveUnchanged(String golden) throws IOException {
        Path model = folder.resolve("model");
        Path source = Fixtures.golden(golden + "/model.safetensors");
        Converter.convert(
                Checkpoints.options(source, model, DType.FLOAT32, DType.INT8), Families.mappings(), line -> {});
        Map<String, SourceTensor> reference = Checkpoints.safeTensors(source);

        try (MappedWeights weights = MappedWeights.map(model, Families.all())) {
            assertThat(weights.manifest().quantization()).isEmpty();
            for (TensorSpec spec : weights.manifest().config().tensors()) {
                float[] stored = spec.isMatrix()
                        ? floats((FloatMatrix) weights.matrix(spec.name()))
                        : weights.vector(spec.name());
                assertThat(stored).as(spec.name()).isEqualTo(Checkpoints.values(reference.get(spec.name())));
            }
        }
    }

    @Test
    void theEmbeddingCanStayFloat32() throws IOException {
        Path model = folder.resolve("model");
        Path source = Fixtures.golden("c5-tiny-08b-odd/model.safetensors");
        Converter.convert(
                Checkpoints.options(source, model, DType.INT8, DType.FLOAT32), Families.mappings(), line -> {});

        try (MappedWeights weights = MappedWeights.map(model, Families.all())) {
            Matrix embedding = weights.matrix(SymbolicLightTensors.EMBEDDING);
            assertThat(floats((FloatMatrix) embedding))
                    .isEqualTo(
                            Checkpoints.values(Checkpoints.safeTensors(source).get(SymbolicLightTensors.EMBEDDING)));
            assertThat(weights.matrix("output_head.output_proj.weight")).isInstanceOf(Int8Matrix.class);
        }
    }

    @Test
    void theManifestSaysWhereTheModelCameFromAndWhatInt8Cost() throws IOException {
        Path source = Fixtures.golden("c1-tiny-08b/checkpoint.pt");
        ModelManifest manifest =
                Checkpoints.convert(source, folder.resolve("model")).manifest();

        assertThat(manifest.parameterCount()).isEqualTo(183184);
        assertThat(manifest.provenance().source()).isEqualTo("checkpoint.pt");
        assertThat(manifest.provenance().sourceSha256())
                .contains(io.spikelet.engine.model.Sha256.hex(Files.readAllBytes(source)));
        assertThat(manifest.quantization()).hasSize(25).allSatisfy(entry -> {
            assertThat(entry.rmsError()).isPositive().isLessThan(entry.maxError());
            assertThat(entry.maxError()).isLessThan(0.1);
        });
    }

    private static byte[] codes(Int8Matrix matrix) {
        byte[] codes = new byte[matrix.outputs() * matrix.inputs()];
        for (int output = 0; output < matrix.outputs(); output++) {
            for (int input = 0; input < matrix.inputs(); input++) {
                codes[output * matrix.inputs() + input] =
                        matrix.data().get(ValueLayout.JAVA_BYTE, index(matrix, output, input));
            }
        }
        return codes;
    }

    private static float[] floats(FloatMatrix matrix) {
        float[] values = new float[matrix.outputs() * matrix.inputs()];
        for (int output = 0; output < matrix.outputs(); output++) {
            for (int input = 0; input < matrix.inputs(); input++) {
                values[output * matrix.inputs() + input] =
                        matrix.data().get(FLOAT, index(matrix, output, input) * Float.BYTES);
            }
        }
        return values;
    }

    private static void assertPaddingIsZero(Int8Matrix matrix) {
        long stored = 0;
        for (byte code : matrix.data().toArray(ValueLayout.JAVA_BYTE)) {
            stored += code == 0 ? 0 : 1;
        }
        long logical = 0;
        for (byte code : codes(matrix)) {
            logical += code == 0 ? 0 : 1;
        }
        assertThat(stored).isEqualTo(logical);
    }

    private static long index(Matrix matrix, int output, int input) {
        Layout layout = matrix.layout();
        return layout.index(output, input, matrix.outputs(), matrix.inputs());
    }
}
