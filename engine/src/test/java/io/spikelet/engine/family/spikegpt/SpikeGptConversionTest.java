package io.spikelet.engine.family.spikegpt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.engine.convert.CheckpointFormatException;
import io.spikelet.engine.convert.Converter;
import io.spikelet.engine.convert.Dequantizer;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.MappedWeights;
import io.spikelet.engine.model.ModelVerifier;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.tensor.BitMatrix;
import io.spikelet.engine.tensor.DType;
import io.spikelet.engine.tensor.Int8Matrix;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Codes and scales of the reference quantiser, the three kinds of files, and what profile and embedding say. */
class SpikeGptConversionTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"g1-train", "g2-run", "g3-learnable"})
    void everyCodeAndScaleIsTheReferences(String name) throws IOException {
        SpikeGptCase golden = SpikeGptCase.load(name, DType.INT8);
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(golden.file("int8.safetensors")))
                .order(ByteOrder.LITTLE_ENDIAN);
        int length = Math.toIntExact(file.getLong(0));
        JsonNode header =
                new ObjectMapper().readTree(new String(file.array(), Long.BYTES, length, StandardCharsets.UTF_8));
        int matrices = 0;
        try (MappedWeights weights =
                MappedWeights.map(golden.convert(folder, DType.INT8, "model.pth"), Families.all())) {
            for (Map.Entry<String, JsonNode> entry : header.properties()) {
                if (!entry.getKey().endsWith(".codes")) {
                    continue;
                }
                String matrix = entry.getKey().replaceFirst("\\.codes$", "");
                Int8Matrix stored = (Int8Matrix) weights.matrix(matrix + ".weight");
                int at = Long.BYTES
                        + length
                        + entry.getValue().get("data_offsets").get(0).intValue();
                int scaleAt = Long.BYTES
                        + length
                        + header.get(matrix + ".scale")
                                .get("data_offsets")
                                .get(0)
                                .intValue();
                for (int n = 0; n < stored.outputs(); n++) {
                    assertThat(stored.scales()[n]).isEqualTo(file.getFloat(scaleAt + n * Float.BYTES));
                    for (int k = 0; k < stored.inputs(); k++) {
                        long index = stored.layout().index(n, k, stored.outputs(), stored.inputs());
                        if (stored.data().get(ValueLayout.JAVA_BYTE, index) != file.get(at + n * stored.inputs() + k)) {
                            throw new AssertionError(matrix + " differs at [" + n + ", " + k + "]");
                        }
                    }
                }
                matrices++;
            }
        }
        assertThat(matrices)
                .isEqualTo(1
                        + 7
                                * golden.expected()
                                        .get("config")
                                        .get("num_hidden_layers")
                                        .intValue());
    }

    @Test
    void theOldFormOfTorchFilesGivesTheSameModel() throws IOException {
        SpikeGptCase golden = SpikeGptCase.load("g1-train", DType.INT8);
        Path zip = golden.convert(folder, DType.INT8, "model.pth");
        Path legacy = golden.convert(folder, DType.INT8, "model_legacy.pth");
        assertThat(Files.mismatch(zip.resolve("weights.bin"), legacy.resolve("weights.bin")))
                .isEqualTo(-1);
    }

    @Test
    void aDamagedFileOfTheOldFormIsRefused() throws IOException {
        SpikeGptCase golden = SpikeGptCase.load("g1-train", DType.INT8);
        byte[] bytes = Files.readAllBytes(golden.file("model_legacy.pth"));
        Path file = folder.resolve("cut.pth");
        for (int length : new int[] {15, 40, 150, 5_000, bytes.length - 1}) {
            Files.write(file, Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> convert(file, Map.of()))
                    .as("%d bytes", length)
                    .isInstanceOf(CheckpointFormatException.class)
                    .hasMessageContaining(file.toString());
        }
    }

    @Test
    void safetensorsWithTheirConfigurationGiveTheSameModel() throws IOException {
        SpikeGptCase golden = SpikeGptCase.load("g3-learnable", DType.INT8);
        Path torch = golden.convert(folder, DType.INT8, "model.pth");
        Path safetensors = golden.convert(folder, DType.INT8, "model.safetensors");
        assertThat(Files.mismatch(torch.resolve("weights.bin"), safetensors.resolve("weights.bin")))
                .isEqualTo(-1);
        try (SpikingModel a = SpikingModel.open(torch, Families.all());
                SpikingModel b = SpikingModel.open(safetensors, Families.all())) {
            assertThat(a.config()).isEqualTo(b.config());
            SpikeGptConfig config = (SpikeGptConfig) a.config();
            assertThat(config.learnable()).isTrue();
            assertThat(config.softReset()).isTrue();
            assertThat(config.decayInput()).isFalse();
        }
    }

    @Test
    void profileAndEmbeddingAreSettings() throws IOException {
        Path file = SpikeGptCase.load("g1-train", DType.INT8).file("model.pth");
        assertThat(variant(file, Map.of())).isEqualTo("train-binary");
        assertThat(variant(file, Map.of("profile", "run"))).isEqualTo("run-float");
        assertThat(variant(file, Map.of("embedding", "float"))).isEqualTo("train-float");
        assertThat(variant(file, Map.of("profile", "run", "embedding", "binary")))
                .isEqualTo("run-binary");
        assertThatThrownBy(() -> convert(file, Map.of("profile", "fast")))
                .hasMessageContaining("profile is fast; it must be one of train, run");
    }

    @Test
    void aBinaryEmbeddingIsStoredAsBits() throws IOException {
        SpikeGptCase golden = SpikeGptCase.load("g1-train", DType.FLOAT32);
        Path directory = golden.convert(folder, DType.FLOAT32, "model.pth");
        Path same = folder.resolve("dequantized");
        Dequantizer.dequantize(directory, Families.all(), same);
        for (Path model : new Path[] {directory, same}) {
            ModelVerifier.verify(model, Families.all());
            try (MappedWeights weights = MappedWeights.map(model, Families.all())) {
                BitMatrix bits = weights.bits("emb.weight");
                assertThat(bits.data().byteSize()).isEqualTo(300 * 64 / 8);
                long[] row = new long[1];
                bits.row(2, row, 0);
                // section 14 of the specification
                assertThat(Long.bitCount(row[0])).isEqualTo(28);
                StringBuilder first = new StringBuilder();
                for (int k = 0; k < 16; k++) {
                    first.append(row[0] >>> k & 1);
                }
                assertThat(first).hasToString("1100011001110010");
            }
        }
    }

    @Test
    void aStateHasOneSizeWhateverTheLength() {
        SpikeGptConfig config = SpikeGptPreset.M216.config();
        assertThat(config.states(1).bytes(1)).isEqualTo(387_072);
        assertThat(config.states(48).bytes(1_000_000)).isEqualTo(387_072);
        assertThat(config.states(1).capacity(1)).isEqualTo(Integer.MAX_VALUE);
    }

    private String variant(Path file, Map<String, String> settings) throws IOException {
        try (SpikingModel model = SpikingModel.open(convert(file, settings), Families.all())) {
            return model.config().variant();
        }
    }

    private Path convert(Path file, Map<String, String> settings) {
        Path output = folder.resolve("model-" + settings);
        Converter.convert(
                new Converter.Options(
                        file,
                        output,
                        Optional.empty(),
                        Optional.empty(),
                        DType.INT8,
                        DType.INT8,
                        Optional.empty(),
                        settings),
                Families.mappings(),
                line -> {});
        return output;
    }
}
