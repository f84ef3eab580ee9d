package io.spikelet.engine.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.Fixtures;
import io.spikelet.engine.convert.PickleWriter.Opcodes;
import io.spikelet.engine.convert.PickleWriter.Tensor;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.tensor.DType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad checkpoints: each is refused with a message that says what is wrong, and leaves nothing behind. */
final class ConverterRefusalTest {
    private static final String GOLDEN = "c5-tiny-08b-odd";
    private static final String HEAD = "output_head.output_proj.weight";

    @TempDir
    private Path folder;

    private Path checkpoint;
    private Path models;
    private TorchFixture fixture;

    @BeforeEach
    void takeTheGoldenCheckpointApart() throws IOException {
        checkpoint = folder.resolve("checkpoint.pt");
        models = Files.createDirectory(folder.resolve("models"));
        fixture = TorchFixture.of(GOLDEN);
    }

    @AfterEach
    void nothingIsLeftBehind() throws IOException {
        assertThat(TorchFixture.names(models)).isEmpty();
    }

    @Test
    void aMissingCheckpoint() {
        assertRefused("there is no checkpoint", "checkpoint.pt");
    }

    @Test
    void anArchiveCutAnywhere() throws IOException {
        byte[] whole = Files.readAllBytes(Fixtures.golden(GOLDEN + "/checkpoint.pt"));
        for (double share : new double[] {0.001, 0.3, 0.9, 0.9999}) {
            Files.write(checkpoint, Arrays.copyOf(whole, (int) (whole.length * share)));
            assertRefused("truncated");
        }
    }

    @Test
    void aZipArchiveThatIsNotTorch() throws IOException {
        Files.write(checkpoint, TorchFixture.zip(Map.of("letter.txt", new byte[] {65})));

        assertRefused("not one of torch.save");
    }

    @Test
    void aFileThatIsNeitherFormat() throws IOException {
        Files.writeString(checkpoint, "not a checkpoint");

        assertRefused("neither a zip archive of torch.save");
    }

    @Test
    void anEmptyFile() throws IOException {
        Files.createFile(checkpoint);

        assertRefused("it is empty");
    }

    @Test
    void aCompressedArchive() throws IOException {
        try (OutputStream file = Files.newOutputStream(checkpoint);
                ZipOutputStream zip = new ZipOutputStream(file)) {
            zip.putNextEntry(new ZipEntry("archive/data.pkl"));
            zip.write(new byte[100]);
            zip.closeEntry();
        }

        assertRefused("archive/data.pkl is compressed");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void aPickleThatNamesOsSystem(int protocol) {
        fixture.protocol = protocol;
        fixture.state.put(
                "attack",
                protocol == 2
                        ? Opcodes.of("cos\nsystem\n(X\4\0\0\0truetR")
                        : Opcodes.of("\u008c\2os\u008c\6system\u0093(X\4\0\0\0truetR"));
        fixture.write(checkpoint);

        assertRefused("os.system", "refused");
    }

    @Test
    void bigEndianStorages() {
        fixture.members.put("byteorder", "big".getBytes(StandardCharsets.US_ASCII));
        fixture.write(checkpoint);

        assertRefused("byte order is big");
    }

    @Test
    void aFlippedBitInAStorage() throws IOException {
        byte[] bytes = Files.readAllBytes(fixture.write(checkpoint));
        bytes[bytes.length / 2] ^= 1;
        Files.write(checkpoint, bytes);

        assertRefused("fails its checksum");
    }

    static Stream<Arguments> impossibleViews() {
        List<Long> strides = List.of(72L, 1L);
        List<Long> shape = List.of(301L, 72L);
        long count = 301 * 72;
        return Stream.of(
                Arguments.of(count, 1L, shape, strides, "reaches outside its storage of 21672 elements"),
                Arguments.of(count, 0L, shape, List.of(73L, 1L), "reaches outside its storage"),
                Arguments.of(count, 0L, shape, List.of(Long.MAX_VALUE, 1L), "too large"),
                Arguments.of(count, 0L, List.of(Long.MAX_VALUE, 72L), strides, "too large"),
                Arguments.of(count, Long.MAX_VALUE, shape, strides, "too large"),
                Arguments.of(count, -1L, shape, strides, "negative"),
                Arguments.of(count, 0L, List.of(-301L, 72L), strides, "negative"),
                Arguments.of(count, 0L, shape, List.of(-72L, 1L), "negative"),
                Arguments.of(
                        count, 0L, List.of(302L, 72L), List.of(0L, 1L), "larger than its storage of 21672 elements"),
                Arguments.of(count, 0L, List.of(302L, 72L), List.of(1L, 1L), "larger than its storage"),
                Arguments.of(count, 0L, shape, List.of(1L), "same length"),
                Arguments.of(count - 1, 0L, shape, strides, "claims a storage of 21671 elements"),
                Arguments.of(Long.MAX_VALUE, 0L, shape, strides, "claims a storage of 9223372036854775807"),
                Arguments.of(-1L, 0L, shape, strides, "claims a storage of -1"));
    }

    @ParameterizedTest
    @MethodSource("impossibleViews")
    void aViewThatItsStorageCannotHold(long count, long offset, List<Long> shape, List<Long> strides, String expected) {
        String key = fixture.tensor(HEAD).key();
        fixture.state.put(HEAD, new Tensor("FloatStorage", key, count, offset, shape, strides, false));
        fixture.write(checkpoint);

        assertRefused(HEAD, expected);
    }

    @Test
    void aStorageThatIsMissing() {
        fixture.members.remove("data/" + fixture.tensor(HEAD).key());
        fixture.write(checkpoint);

        assertRefused(HEAD, "is missing");
    }

    @Test
    void everythingThatDoesNotFitInOneMessage() {
        fixture.state.remove("blocks.1.ffn.norm.bias");
        fixture.state.remove("blocks.2.tcam.attn_gate");
        fixture.put("blocks.7.ffn.norm.bias", "FloatStorage", new byte[4], List.of(1L));
        fixture.put("output_head.extra", "LongStorage", new byte[8], List.of(1L));
        fixture.put("spike_encoder.norm.bias", "FloatStorage", new byte[71 * 4], List.of(71L));
        fixture.put("spike_encoder.norm.weight", "LongStorage", new byte[72 * 8], List.of(72L));
        float[] head = fixture.floats(HEAD);
        head[72 + 3] = Float.NaN;
        head[100] = Float.NEGATIVE_INFINITY;
        fixture.put(
                HEAD,
                "FloatStorage",
                TorchFixture.bytes(head),
                fixture.tensor(HEAD).shape());
        fixture.write(checkpoint);

        assertRefused(
                "7 problems",
                "missing: blocks.1.ffn.norm.bias [72]",
                "missing: blocks.2.tcam.attn_gate [1]",
                "unexpected: blocks.7.ffn.norm.bias [1]",
                "unexpected: output_head.extra [1]",
                "shape: spike_encoder.norm.bias is [71], expected [72]",
                "type: spike_encoder.norm.weight is INT64",
                "not finite: " + HEAD + " has 2 such values, the first NaN at [1, 3]");
    }

    @Test
    void manyProblemsAreCountedAndTheFirstTenListed() {
        fixture.config.put("n_layers", 1L);
        fixture.write(checkpoint);

        assertRefused("30 problems: unexpected: blocks.1.ffn.down.weight", "; and 20 more. Give the right --config");
    }

    @Test
    void weightsUnderAnotherNameThanThoseOfTheLoader() {
        fixture.write(checkpoint, Map.of("epoch", 3L, "state_dict", fixture.state));

        assertRefused("its tensors lie under \"state_dict\"", "save that entry alone");

        fixture.write(checkpoint, Map.of("epoch", 3L));
        assertRefused("its pickle holds no tensors");
    }

    @Test
    void namesThatAllBeginWithAWrapper() {
        Map<String, Object> inner = Map.copyOf(fixture.state);
        fixture.state.clear();
        inner.forEach((name, tensor) -> fixture.state.put("model." + name, tensor));
        fixture.write(checkpoint);

        assertRefused("the names of all " + inner.size() + " tensors", "begin with \"model.\"");
    }

    @Test
    void membersThatShareTheirBytes() throws IOException {
        byte[] zip = TorchFixture.zip(Map.of("archive/data.pkl", new byte[60], "archive/data/0", new byte[60]));
        int end = zip.length - 22;
        int central = Byte.toUnsignedInt(zip[end + 16]) + 256 * Byte.toUnsignedInt(zip[end + 17]);
        int second = central + 46 + Byte.toUnsignedInt(zip[central + 28]);
        System.arraycopy(zip, central + 42, zip, second + 42, 4); // the header of the first
        Files.write(checkpoint, zip);

        assertRefused("overlap");
    }

    @Test
    void configurationsThatHoldThemselvesOrOnePartManyTimes() {
        // a list that is appended to itself
        fixture.config.put("embed_dim", Opcodes.of("]q\1h\1a"));
        fixture.write(checkpoint);
        assertRefused("embed_dim is a list of 1 values; it must be a 32-bit integer");

        StringBuilder shared = new StringBuilder("K\1");
        for (int i = 2; i < 60; i++) {
            shared.append('q').append((char) i).append('h').append((char) i).append('\u0086');
        }
        fixture.config.put("embed_dim", Opcodes.of(shared.toString()));
        fixture.write(checkpoint);
        assertRefused("embed_dim is a tuple of 2 values");
    }

    @Test
    void namesAndValuesOfAnySizeAreCut() {
        fixture.config.put("embed_dim", "x".repeat(1 << 20));
        fixture.write(checkpoint);
        assertRefused("(1048576 characters)");

        fixture.config.put("embed_dim", 72L);
        for (int i = 0; i < 40; i++) {
            fixture.put(i + "y".repeat(100_000), "FloatStorage", new byte[4], List.of(1L));
        }
        fixture.write(checkpoint);
        assertRefused("40 problems", "and 30 more");
    }

    @Test
    void twoEntriesWithTheSameCleanedName() {
        fixture.state.put("module." + HEAD, fixture.tensor(HEAD));
        fixture.write(checkpoint);

        assertRefused("two entries of the state dict are called " + HEAD);
    }

    @Test
    void aConfigurationOfAnotherModel() {
        fixture.config.put("n_layers", 2L);
        fixture.write(checkpoint);

        assertRefused("unexpected: blocks.2.ffn.down.weight");
    }

    @Test
    void aConfigurationThatContradictsItself() {
        fixture.config.put("head_dim", 23L);
        fixture.write(checkpoint);

        assertRefused("head_dim is 23");
    }

    @Test
    void aConfigurationFieldOfTheWrongType() {
        fixture.config.put("embed_dim", "seventy-two");
        fixture.write(checkpoint);

        assertRefused("embed_dim is seventy-two; it must be a 32-bit integer");
    }

    @Test
    void anOutputThatExistsStaysAsItIs() throws IOException {
        fixture.write(checkpoint);
        Path output = Files.createDirectory(folder.resolve("existing"));
        Files.writeString(output.resolve("precious.txt"), "kept");

        assertThatThrownBy(() -> Checkpoints.convert(checkpoint, output))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("existing exists");
        assertThat(TorchFixture.names(output)).containsExactly("precious.txt");
    }

    @Test
    void aTokenizerWithMorePiecesThanTheVocabulary() throws IOException {
        fixture.write(checkpoint);
        Path tokenizer = Fixtures.projectRoot().resolve("engine/src/test/resources/tiny/tokenizer.model");

        assertTokenizerRefused(tokenizer, "has 4096 pieces, but the model's vocab_size is 301");
    }

    @Test
    void aTokenizerThatIsNone() throws IOException {
        fixture.write(checkpoint);

        assertTokenizerRefused(Files.writeString(folder.resolve("tokenizer.model"), "no tokenizer"), "cannot be used");
        assertTokenizerRefused(folder.resolve("absent.model"), "there is no tokenizer");
    }

    private void assertTokenizerRefused(Path tokenizer, String expected) {
        Converter.Options options = new Converter.Options(
                checkpoint,
                models.resolve("model"),
                Optional.empty(),
                Optional.of(tokenizer),
                DType.INT8,
                DType.INT8,
                Optional.empty());
        assertThatThrownBy(() -> Converter.convert(options, Families.mappings(), line -> {}))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageContaining(expected);
    }

    private void assertRefused(String... parts) {
        assertThatThrownBy(() -> Checkpoints.convert(checkpoint, models.resolve("model")))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageContainingAll(parts)
                .message()
                .hasSizeLessThan(2000)
                .doesNotContain("\n");
    }
}
