package io.spikelet.engine.family.bispikclm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.MappedWeights;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.tensor.DType;
import io.spikelet.engine.tensor.Int8Matrix;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Codes, scales, sums and constants of the reference quantiser, and both kinds of files. */
class BinaryConversionTest {
    @TempDir
    Path folder;

    static Stream<String> cases() {
        return BinaryCase.NAMES.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyCodeScaleSumAndConstantIsTheReferences(String name) throws IOException {
        BinaryCase golden = BinaryCase.load(name);
        Reference reference = Reference.read(golden.file("int8.safetensors"));
        Path directory = golden.convert(folder, DType.INT8, "checkpoint.pt");
        int codes = 0;
        try (MappedWeights weights = MappedWeights.map(directory, Families.all())) {
            List<String> stored = weights.manifest().config().tensors().stream()
                    .map(spec -> spec.name())
                    .toList();
            for (String entry : reference.names()) {
                String linear = entry.substring(0, entry.lastIndexOf('.'));
                String weight = BispikclmTensors.weight(linear);
                if (entry.endsWith(".codes")) {
                    assertThat(codes(weights, weight)).as(entry).isEqualTo(reference.bytes(entry));
                    codes++;
                } else if (entry.endsWith(".scale")) {
                    assertThat(((Int8Matrix) weights.matrix(weight)).scales())
                            .as(entry)
                            .isEqualTo(reference.floats(entry));
                } else if (entry.endsWith(".codesum")) {
                    if (stored.contains(BispikclmTensors.codeSums(linear))) {
                        assertThat(weights.vector(BispikclmTensors.codeSums(linear)))
                                .as(entry)
                                .isEqualTo(reference.integers(entry));
                    }
                } else {
                    assertThat(entry).endsWith(".const");
                    assertThat(weights.vector(BispikclmTensors.constants(linear)))
                            .as(entry)
                            .isEqualTo(reference.floats(entry));
                }
            }
        }
        int layers = golden.expected().get("config").get("num_hidden_layers").intValue();
        assertThat(codes).isEqualTo(6 * layers + 2);
    }

    private static byte[] codes(MappedWeights weights, String name) {
        Int8Matrix matrix = (Int8Matrix) weights.matrix(name);
        byte[] codes = new byte[matrix.outputs() * matrix.inputs()];
        for (int n = 0; n < matrix.outputs(); n++) {
            for (int k = 0; k < matrix.inputs(); k++) {
                long at = matrix.layout().index(n, k, matrix.outputs(), matrix.inputs());
                codes[n * matrix.inputs() + k] = matrix.data().get(ValueLayout.JAVA_BYTE, at);
            }
        }
        return codes;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void bothKindsOfFilesGiveTheSameModel(String name) throws IOException {
        BinaryCase golden = BinaryCase.load(name);
        for (DType type : List.of(DType.INT8, DType.FLOAT32)) {
            Path torch = golden.convert(folder, type, "checkpoint.pt");
            Path safetensors = golden.convert(folder, type, "model.safetensors");
            assertThat(Files.mismatch(torch.resolve("weights.bin"), safetensors.resolve("weights.bin")))
                    .isEqualTo(-1);
            try (SpikingModel a = SpikingModel.open(torch, Families.all());
                    SpikingModel b = SpikingModel.open(safetensors, Families.all())) {
                assertThat(a.config()).isEqualTo(b.config());
            }
        }
    }

    @Test
    void theTrainingsTimeStepsCountMoreThanTheModels() {
        BinaryCase golden = BinaryCase.load("b1-r-t4");
        try (SpikingModel model = golden.open(folder, DType.INT8)) {
            assertThat(((BispikclmConfig) model.config()).steps()).isEqualTo(4);
            assertThat(model.config().variant()).isEqualTo("reproduction");
        }
    }

    @Test
    void keysAndValuesTakeOneBitAChannelAndStep() {
        BinaryCase golden = BinaryCase.load("b1-r-t4");
        try (SpikingModel model = golden.open(folder, DType.INT8)) {
            BispikclmConfig config = (BispikclmConfig) model.config();
            long bits = 2L * config.layers() * config.steps() * config.width();
            assertThat(config.states(1).bytes(64)).isEqualTo(bits / 8 * 64);
        }
    }

    /** The tensors of a safetensors file. */
    private record Reference(JsonNode header, ByteBuffer data) {
        static Reference read(Path file) throws IOException {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            int length = Math.toIntExact(bytes.getLong(0));
            String header = new String(bytes.array(), Long.BYTES, length, StandardCharsets.UTF_8);
            return new Reference(
                    new ObjectMapper().readTree(header),
                    bytes.slice(Long.BYTES + length, bytes.capacity() - Long.BYTES - length)
                            .order(ByteOrder.LITTLE_ENDIAN));
        }

        List<String> names() {
            return header.properties().stream()
                    .map(field -> field.getKey())
                    .filter(key -> !key.startsWith("__") && !key.startsWith("model.position") && key.contains("."))
                    .toList();
        }

        byte[] bytes(String name) {
            JsonNode offsets = header.get(name).get("data_offsets");
            byte[] bytes = new byte[offsets.get(1).intValue() - offsets.get(0).intValue()];
            data.get(offsets.get(0).intValue(), bytes);
            return bytes;
        }

        float[] floats(String name) {
            ByteBuffer bytes = ByteBuffer.wrap(bytes(name)).order(ByteOrder.LITTLE_ENDIAN);
            float[] floats = new float[bytes.capacity() / Float.BYTES];
            bytes.asFloatBuffer().get(floats);
            return floats;
        }

        float[] integers(String name) {
            ByteBuffer bytes = ByteBuffer.wrap(bytes(name)).order(ByteOrder.LITTLE_ENDIAN);
            float[] floats = new float[bytes.capacity() / Integer.BYTES];
            IntStream.range(0, floats.length).forEach(i -> floats[i] = bytes.getInt(i * Integer.BYTES));
            return floats;
        }
    }
}
