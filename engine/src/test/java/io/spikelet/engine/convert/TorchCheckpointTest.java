package io.spikelet.engine.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.Fixtures;
import io.spikelet.engine.convert.PickleWriter.Opcodes;
import io.spikelet.engine.convert.PickleWriter.StateDict;
import io.spikelet.engine.convert.PickleWriter.Tensor;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.MappedWeights;
import io.spikelet.engine.tensor.DType;
import io.spikelet.engine.tensor.FloatMatrix;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ways in which a state dict may be saved; all give the weights of the golden checkpoint. */
final class TorchCheckpointTest {
    private static final String GOLDEN = "c5-tiny-08b-odd";
    private static final String HEAD = "output_head.output_proj.weight";

    @TempDir
    private Path folder;

    private TorchFixture fixture;

    @BeforeEach
    void takeTheGoldenCheckpointApart() throws IOException {
        fixture = TorchFixture.of(GOLDEN);
    }

    @Test
    void readsConfigAndModel() {
        assertSameWeights(fixture.write(folder.resolve("checkpoint.pt")));
    }

    @Test
    void readsAnArchiveOfNewerTorch() {
        fixture.protocol = 4;
        fixture.members.put("byteorder", "little".getBytes(StandardCharsets.US_ASCII));
        fixture.members.put(".format_version", "1".getBytes(StandardCharsets.US_ASCII));
        fixture.members.put(".storage_alignment", "64".getBytes(StandardCharsets.US_ASCII));
        fixture.members.put(".data/serialization_id", "0123456789".getBytes(StandardCharsets.US_ASCII));

        assertSameWeights(fixture.write(folder.resolve("checkpoint.pt")));
    }

    @Test
    void readsTheOrderedDictOfAModuleUnderModelStateDict() {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("epoch", 3L);
        root.put("model_state_dict", new StateDict(fixture.state));
        root.put("config", fixture.config);

        assertSameWeights(fixture.write(folder.resolve("checkpoint.pt"), root));
    }

    @Test
    void readsABareStateDictWithPrefixesParametersAndOtherEntries() {
        Map<String, Object> root = new LinkedHashMap<>();
        fixture.state.forEach((name, value) -> {
            Tensor t = (Tensor) value;
            root.put(
                    "module._orig_mod." + name,
                    new Tensor(t.storageClass(), t.key(), t.count(), t.offset(), t.shape(), t.strides(), true));
        });
        root.put("config", fixture.config);
        root.put("module.step", 17L);
        root.put("optimizer", Map.of("lr", 0.1, "dtype", Opcodes.of("ctorch\nfloat32\n")));
        root.put("module.spike_encoder.v_mem", fixture.tensor(HEAD));

        assertSameWeights(fixture.write(folder.resolve("checkpoint.pt"), root));
    }

    @Test
    void readsATransposedViewWithAnOffset() {
        Tensor head = fixture.tensor(HEAD);
        int rows = Math.toIntExact(head.shape().getFirst());
        int columns = Math.toIntExact(head.shape().getLast());
        float[] values = fixture.floats(HEAD);
        float[] transposed = new float[values.length + 5];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                transposed[5 + column * rows + row] = values[row * columns + column];
            }
        }
        fixture.put("view", "FloatStorage", TorchFixture.bytes(transposed), List.of((long) transposed.length));
        Tensor view = (Tensor) fixture.state.remove("view");
        fixture.state.put(
                HEAD,
                new Tensor(
                        view.storageClass(),
                        view.key(),
                        view.count(),
                        5,
                        head.shape(),
                        List.of(1L, (long) rows),
                        false));

        assertSameWeights(fixture.write(folder.resolve("checkpoint.pt")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"HalfStorage", "BFloat16Storage"})
    void widensSixteenBitFloatsExactly(String storageClass) throws IOException {
        float[] values = fixture.floats(HEAD);
        float[] rounded = new float[values.length];
        ByteBuffer half = ByteBuffer.allocate(values.length * 2).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < values.length; i++) {
            short bits = storageClass.equals("HalfStorage")
                    ? Float.floatToFloat16(values[i])
                    : (short) (Float.floatToRawIntBits(values[i]) >>> 16);
            half.putShort(bits);
            rounded[i] =
                    storageClass.equals("HalfStorage") ? Float.float16ToFloat(bits) : Float.intBitsToFloat(bits << 16);
        }
        fixture.put(HEAD, storageClass, half.array(), fixture.tensor(HEAD).shape());
        Path narrow = fixture.write(folder.resolve("narrow.pt"));
        fixture.put(
                HEAD,
                "FloatStorage",
                TorchFixture.bytes(rounded),
                fixture.tensor(HEAD).shape());
        Path wide = fixture.write(folder.resolve("wide.pt"));

        Checkpoints.convert(narrow, folder.resolve("narrow"));
        Checkpoints.convert(wide, folder.resolve("wide"));
        Converter.convert(
                Checkpoints.options(narrow, folder.resolve("float"), DType.FLOAT32, DType.FLOAT32),
                Families.mappings(),
                line -> {});

        assertThat(folder.resolve("narrow/weights.bin")).hasSameBinaryContentAs(folder.resolve("wide/weights.bin"));
        try (MappedWeights weights = MappedWeights.map(folder.resolve("float"), Families.all())) {
            FloatMatrix head = (FloatMatrix) weights.matrix(HEAD);
            // Output 0 is lane 0 of panel 0; its last input is in the panel's last line.
            long last = 64L * (head.inputs() - 1);
            assertThat(head.data().get(ValueLayout.JAVA_FLOAT_UNALIGNED, last * Float.BYTES))
                    .isEqualTo(rounded[head.inputs() - 1]);
        }
    }

    @Test
    void readsTheDirectoryOfAnArchiveBeyondFourGigabytes() {
        byte[] content = {1, 2, 3, 4, 5};

        var members = ZipDirectory.read(MemorySegment.ofArray(TorchFixture.zip64("a/data/0", content)), "test");

        assertThat(members).containsOnlyKeys("a/data/0");
        assertThat(members.get("a/data/0").content().toArray(ValueLayout.JAVA_BYTE))
                .isEqualTo(content);
        assertThat(members.get("a/data/0").intact()).isTrue();
    }

    @Test
    void unknownKeysBesideTheWeightsAreAccepted() throws IOException {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("global_step", 186000L);
        root.put("tokens_seen", 48_760_000_000L);
        root.put("checkpoint_format", "inference");
        root.put("config", fixture.config);
        root.put("model", fixture.state);
        Path plain = fixture.write(
                folder.resolve("plain.pt"),
                new LinkedHashMap<>(Map.of("config", fixture.config, "model", fixture.state)));
        Path more = fixture.write(folder.resolve("more.pt"), root);
        for (Path checkpoint : List.of(plain, more)) {
            Converter.convert(
                    new Converter.Options(
                            checkpoint,
                            folder.resolve(checkpoint.getFileName() + ".model"),
                            Optional.empty(),
                            Optional.empty(),
                            DType.INT8,
                            DType.INT8,
                            Optional.empty()),
                    Families.mappings(),
                    line -> {});
        }

        assertThat(folder.resolve("more.pt.model/weights.bin"))
                .hasSameBinaryContentAs(folder.resolve("plain.pt.model/weights.bin"));
    }

    /** The archive has no storage for them, so that reading one would fail. */
    @Test
    void theTensorsOfAnOptimizerAreNeverRead() {
        Tensor lost = new Tensor("FloatStorage", "999", 4, 0, List.of(4L), List.of(1L), false);
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("optimizer", Map.of("state", Map.of("exp_avg", lost), "param_groups", List.of()));
        root.put("config", fixture.config);
        root.put("model", fixture.state);

        assertSameWeights(fixture.write(folder.resolve("checkpoint.pt"), root));
    }

    @Test
    void aGivenConfigReplacesTheEmbeddedOne() throws IOException {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("config", Map.of("embed_dim", 7L));
        root.put("model", fixture.state);
        Path checkpoint = fixture.write(folder.resolve("checkpoint.pt"), root);
        Path config = Files.copy(Fixtures.golden(GOLDEN + "/config.json"), folder.resolve("other.json"));

        ConversionResult result = Converter.convert(
                new Converter.Options(
                        checkpoint,
                        folder.resolve("model"),
                        Optional.of(config),
                        Optional.empty(),
                        DType.INT8,
                        DType.INT8,
                        Optional.of("0.8b")),
                Families.mappings(),
                line -> {});

        assertThat(result.manifest().config().fields()).containsEntry("embed_dim", 72);
    }

    private void assertSameWeights(Path checkpoint) {
        Checkpoints.convert(checkpoint, folder.resolve("actual"));
        Checkpoints.convert(Fixtures.golden(GOLDEN + "/checkpoint.pt"), folder.resolve("expected"));

        assertThat(folder.resolve("actual/weights.bin")).hasSameBinaryContentAs(folder.resolve("expected/weights.bin"));
    }
}
