package io.spikelet.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.ThreadMXBean;
import io.spikelet.engine.Fixtures;
import io.spikelet.engine.convert.Converter;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.tensor.DType;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ManifestReaderTest {
    private static final long SEED = 30;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path folder;

    private static byte[] valid;

    @BeforeAll
    static void convertAGoldenModel() throws IOException {
        Path model = folder.resolve("model");
        Converter.convert(
                new Converter.Options(
                        Fixtures.golden("c2-tiny-194m/checkpoint.pt"),
                        model,
                        Optional.empty(),
                        Optional.empty(),
                        DType.INT8,
                        DType.INT8,
                        Optional.empty()),
                Families.mappings(),
                line -> {});
        valid = Files.readAllBytes(model.resolve(ModelManifest.FILE));
    }

    @Test
    void whatIsWrittenIsReadBack() {
        ModelManifest manifest = ManifestReader.parse(valid, "manifest.json", Families.all());

        assertThat(ManifestWriter.write(manifest)).isEqualTo(valid);
        assertThat(manifest.config().variant()).isEqualTo("194m");
        assertThat(manifest.config().fields())
                .containsEntry("leak_factor", 0.95f)
                .containsEntry("entropy_exit_threshold", 0.3f);
        assertThat(manifest.tensor("blocks.2.ffn.up.weight").shape()).containsExactly(192, 64);
        assertThat(manifest.parameterCount()).isEqualTo(183183);
    }

    @Test
    void manifestsOfAnySizeAreRefusedWithShortMessages() {
        String start = new String(valid, StandardCharsets.UTF_8);
        String tensors = "\"tensors\" : [";
        int at = start.indexOf(tensors) + tensors.length();
        assertThat(at).isGreaterThan(tensors.length());
        for (String entries : List.of(
                "{},".repeat(900_000),
                "{\"name\":\"x\"},".repeat(50_000),
                "{\"name\": \"a\", \"shape\": [" + "1,".repeat(800_000) + "1.5]},",
                "{\"name\": \"" + "n".repeat(60_000) + "\"},",
                "{\"name\": \"a\", \"shape\": " + "[".repeat(15) + "1,".repeat(400_000) + "1" + "]".repeat(15) + "},",
                "{\"" + "n".repeat(40_000) + "\": 1},")) {
            byte[] json = (start.substring(0, at) + entries + start.substring(at)).getBytes(StandardCharsets.UTF_8);
            assertThatThrownBy(() -> ManifestReader.parse(json, "manifest.json", Families.all()))
                    .isInstanceOf(ModelFormatException.class)
                    .message()
                    .hasSizeLessThan(2000);
        }
    }

    /** The largest manifest that is read, of entries as small as they can be: it is not read to its end. */
    @Test
    void sixteenMegabytesOfTensorEntriesTakeMemoryInProportion() {
        String start = new String(valid, StandardCharsets.UTF_8);
        String tensors = "\"tensors\" : [";
        int at = start.indexOf(tensors) + tensors.length();
        String entries = "{},".repeat((ManifestReader.MAX_BYTES - valid.length) / 3);
        byte[] json = (start.substring(0, at) + entries + start.substring(at)).getBytes(StandardCharsets.UTF_8);
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();

        long before = thread.getCurrentThreadAllocatedBytes();
        assertThatThrownBy(() -> ManifestReader.parse(json, "manifest.json", Families.all()))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("manifest.json is not valid JSON")
                .message()
                .hasSizeLessThan(2000);
        assertThat((thread.getCurrentThreadAllocatedBytes() - before) / json.length)
                .as("bytes allocated for each byte of the manifest")
                .isLessThan(16);
    }

    @Test
    void aManifestInUtf32IsRefused() throws IOException {
        byte[] utf32 = "{\"format\": 1}".getBytes("UTF-32BE");
        utf32[utf32.length - 8] = 127;

        assertThatThrownBy(() -> ManifestReader.parse(utf32, "manifest.json", Families.all()))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("manifest.json is not");
    }

    @ParameterizedTest
    @ValueSource(strings = {"format", "architecture", "variant"})
    void aValueOfSixtyThousandCharactersIsCutInItsMessage(String field) throws IOException {
        ObjectNode root = (ObjectNode) JSON.readTree(valid);
        root.put(field, "v".repeat(60_000));

        assertThatThrownBy(() -> ManifestReader.parse(JSON.writeValueAsBytes(root), "manifest.json", Families.all()))
                .isInstanceOf(ModelFormatException.class)
                .message()
                .contains("manifest.json", field, "vvv")
                .hasSizeLessThan(2000);
    }

    private static Arguments edit(String expected, Consumer<ObjectNode> edit) {
        return Arguments.of(expected, edit);
    }

    private static Arguments editTensor(String expected, Consumer<ObjectNode> edit) {
        return edit(expected, root -> edit.accept(tensor(root, 0)));
    }

    static Stream<Arguments> topLevelEdits() {
        return Stream.of(
                edit("format \"other\"", root -> root.put("format", "other")),
                edit("lacks the field \"format\"", root -> root.remove("format")),
                edit("version 2; this program reads version 1", root -> root.put("version", 2)),
                edit("version is \"1\"; it must be a 32-bit integer", root -> root.put("version", "1")),
                edit("architecture \"mamba\"", root -> root.put("architecture", "mamba")),
                edit("variant is \"7b\"; this program reads 0.8b, 194m", root -> root.put("variant", "7b")),
                edit("unknown field \"comment\"", root -> root.put("comment", "hello")),
                edit(
                        "config has the unknown field \"moe\"",
                        root -> config(root).put("moe", true)),
                edit("lacks the field \"n_heads\"", root -> config(root).remove("n_heads")),
                edit("n_layers is 5000", root -> config(root).put("n_layers", 5000)),
                edit("vocab_size is 2000000000", root -> config(root).put("vocab_size", 2_000_000_000)),
                edit(
                        "embed_dim is 4294967296; it must be a 32-bit",
                        root -> config(root).put("embed_dim", 1L << 32)),
                edit("leak_factor is \"0.95\"", root -> config(root).put("leak_factor", "0.95")),
                edit(
                        "rope_theta is 1.0E300; it must be a finite float32",
                        root -> config(root).put("rope_theta", 1e300)),
                edit("missing tensors: [blocks.3.", root -> config(root).put("n_layers", 4)),
                edit("does not belong to a model", root -> config(root).put("n_layers", 2)),
                edit(
                        "has shape [192, 64]; the configuration says [256, 64]",
                        root -> config(root).put("intermediate_dim", 256)),
                edit("runs past the end", root -> weights(root).put("bytes", 64)),
                edit("weights.bytes is -1; it must be", root -> weights(root).put("bytes", -1)),
                edit(
                        "weights.bytes is -9223372036854775808",
                        root -> weights(root).put("bytes", Long.MIN_VALUE)),
                edit(
                        "not 64 lower-case hexadecimal digits",
                        root -> weights(root).put("sha256", "ABC")),
                edit(
                        "vocabulary is 321; it must be 1 to vocab_size, which is 320",
                        root -> root.putObject("tokenizer")
                                .put("sha256", "0".repeat(64))
                                .put("vocabulary", 321)),
                edit("provenance lacks the field \"source\"", root -> root.putObject("provenance")),
                edit("tensors[0] is not a JSON object", root -> tensors(root).insert(0, 7)),
                edit("is there twice", root -> tensors(root).add(tensor(root, 0).deepCopy())),
                edit(
                        "missing tensors: [spike_encoder.frontend",
                        root -> tensors(root).remove(0)),
                edit(
                        "names nobody",
                        root -> root.withArray("quantization")
                                .addObject()
                                .put("name", "nobody")
                                .put("max_error", 0)
                                .put("rms_error", 0)));
    }

    static Stream<Arguments> tensorEdits() {
        return Stream.of(
                editTensor(
                        "dtype is \"int4\"; this program reads int8, w8a8, float32",
                        tensor -> tensor.put("dtype", "int4")),
                editTensor("layout is \"blocked\"", tensor -> tensor.put("layout", "blocked")),
                editTensor("layout input-major; this program reads", tensor -> tensor.put("layout", "input-major")),
                editTensor("unknown field \"zero_point\"", tensor -> tensor.put("zero_point", 3)),
                editTensor("at offset 32; offsets are multiples of 64", tensor -> tensor.put("offset", 32)),
                editTensor("at offset -64; offsets are multiples of 64", tensor -> tensor.put("offset", -64)),
                editTensor("runs past the end of weights.bin", tensor -> tensor.put("offset", 1L << 40)),
                editTensor("runs past the end of weights.bin", tensor -> tensor.put("offset", Long.MAX_VALUE - 63)),
                editTensor(
                        "offset is 9223372036854775808; it must be a 64-bit",
                        tensor -> tensor.put("offset", new java.math.BigInteger("9223372036854775808"))),
                editTensor("its shape needs 20480", tensor -> tensor.put("length", 20416)),
                editTensor("its shape needs 20480", tensor -> tensor.put("length", Long.MAX_VALUE)),
                editTensor("overlaps", tensor -> tensor.put("scale_offset", 0)),
                editTensor("(scales) at offset 64 overlaps", tensor -> tensor.put("scale_offset", 64)),
                editTensor("int8 needs scales", tensor -> tensor.put("scale_offset", -1)),
                editTensor("its shape needs 81920", tensor -> tensor.put("dtype", "float32")),
                editTensor("(scales) is at offset -2", tensor -> tensor.put("scale_offset", -2)),
                editTensor(
                        "extents are 1 to",
                        tensor -> tensor.putArray("shape").add(-1).add(64)),
                editTensor(
                        "extents are 1 to",
                        tensor -> tensor.putArray("shape").add(1 << 30).add(64)),
                editTensor(
                        "cannot have layout",
                        tensor -> tensor.putArray("shape").add(1).add(1).add(1)),
                editTensor(
                        "an array of 32-bit integers",
                        tensor -> tensor.putArray("shape").add(1.5)));
    }

    @ParameterizedTest
    @MethodSource({"topLevelEdits", "tensorEdits"})
    void refusesWhatItDoesNotKnow(String expected, Consumer<ObjectNode> edit) throws IOException {
        ObjectNode root = (ObjectNode) JSON.readTree(valid);
        edit.accept(root);

        assertThatThrownBy(
                        () -> ManifestReader.parse(JSON.writeValueAsBytes(root), "dir/manifest.json", Families.all()))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContainingAll("dir/manifest.json", expected);
    }

    @Test
    void refusesWhatIsNoJsonObject() {
        for (String text :
                new String[] {"", "null", "[]", "{", "{} {}", "{\"format\":1,\"format\":2}", "[".repeat(99)}) {
            assertThatThrownBy(() -> ManifestReader.parse(
                            text.getBytes(StandardCharsets.UTF_8), "dir/manifest.json", Families.all()))
                    .as(text)
                    .isInstanceOf(ModelFormatException.class)
                    .hasMessageContaining("dir/manifest.json");
        }
    }

    @Test
    void refusesADirectoryWithoutManifestAndOneThatIsTooLarge(@TempDir Path empty) throws IOException {
        assertThatThrownBy(() -> ManifestReader.read(empty, Families.all()))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("is not a model directory");

        Files.write(empty.resolve(ModelManifest.FILE), new byte[ManifestReader.MAX_BYTES + 1]);
        assertThatThrownBy(() -> ManifestReader.read(empty, Families.all()))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("at most " + ManifestReader.MAX_BYTES);
    }

    @Test
    void survivesDamage() {
        Random random = new Random(SEED);
        int refused = 0;
        for (int round = 0; round < 2000; round++) {
            byte[] damaged = valid.clone();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(32, 127);
            try {
                ManifestReader.parse(damaged, "damaged", Families.all());
            } catch (ModelFormatException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(1000);
    }

    private static ObjectNode config(ObjectNode root) {
        return (ObjectNode) root.get("config");
    }

    private static ObjectNode weights(ObjectNode root) {
        return (ObjectNode) root.get("weights");
    }

    private static ArrayNode tensors(ObjectNode root) {
        return (ArrayNode) root.get("tensors");
    }

    private static ObjectNode tensor(ObjectNode root, int index) {
        return (ObjectNode) tensors(root).get(index);
    }
}
