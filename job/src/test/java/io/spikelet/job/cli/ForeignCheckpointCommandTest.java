package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code convert} on checkpoints as other tools leave them. */
final class ForeignCheckpointCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path CASES =
            Path.of("..").toAbsolutePath().normalize().resolve("job/src/test/resources/cases/f");
    private static final Path SHARDS =
            Path.of("..").toAbsolutePath().normalize().resolve("engine/src/test/resources/convert/sharded");
    private static final Path CHECKPOINT = GoldenFiles.golden("c5-tiny-08b-odd/model.safetensors");

    @TempDir
    private Path folder;

    @Test
    void shardsAreReadByTheirIndexByAnyOfThemAndByTheirFolder() throws IOException {
        List<byte[]> weights = new ArrayList<>();
        for (String given : List.of("model.safetensors.index.json", "model-00002-of-00002.safetensors", "")) {
            weights.add(Files.readAllBytes(converted(SHARDS.resolve(given)).resolve("weights.bin")));
        }
        assertThat(weights).hasSize(3).allMatch(bytes -> bytes.length > 0).containsOnly(weights.getFirst());

        Path part = Files.createDirectory(folder.resolve("part"));
        Files.copy(
                SHARDS.resolve("model-00001-of-00002.safetensors"), part.resolve("model-00001-of-00002.safetensors"));
        refused(part, "1 of 2 shards are missing", "model-00002-of-00002.safetensors");
    }

    @Test
    void neitherTheCaseOfANameNorAMaskThatNobodyStoresMatters() throws IOException {
        Path upper = Files.copy(CHECKPOINT, folder.resolve("MODEL.SAFETENSORS"));
        Files.copy(CHECKPOINT.resolveSibling("config.json"), folder.resolve("config.json"));

        converted(upper);
        converted(CASES.resolve("nomask/model.safetensors"));
    }

    @Test
    void weightsUnderOtherNamesAreSaidToBeThat() throws IOException {
        refused(
                CASES.resolve("pt_state_dict/latest.pt"),
                "its tensors lie under \"state_dict\"",
                "save that entry alone");
        for (String prefix : List.of("model.", "model.core.net.")) {
            refused(renamed(name -> prefix + name), "the names of all ", "begin with \"" + prefix + "\"");
        }
    }

    @Test
    void tensorsThatDoNotFitAreCountedAndTenOfThemNamed() throws IOException {
        Path many = renamed(name -> name.startsWith("blocks.1.") ? "other." + name : name);

        String line = refused(many, " problems: missing: blocks.1.", "; and ");
        assertThat(line.split("missing: |unexpected: ", -1)).hasSize(11);
    }

    @Test
    void whatStandsInPlaceOfACheckpointIsNamed() {
        refused(CASES.resolve("lfs/model.safetensors"), "a git-LFS pointer", "git lfs pull");
        refused(CASES.resolve("html/model.safetensors"), "an HTML page");
    }

    private Path converted(Path checkpoint) throws IOException {
        Path output = Files.createTempDirectory(folder, "converted").resolve("model");
        Invocation convert = Invocation.of("convert", "--checkpoint", checkpoint, "--output", output);
        assertThat(convert.status()).as(convert.err()).isZero();
        return output;
    }

    /** The one line that says why. */
    private String refused(Path checkpoint, String... parts) {
        Path output = folder.resolve("refused");
        Invocation convert = Invocation.of("convert", "--checkpoint", checkpoint, "--output", output);

        assertThat(convert.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(convert.err()).startsWith("spikelet: ").contains(parts).hasSizeLessThan(2000);
        assertThat(convert.err().lines()).hasSize(1);
        assertThat(output).doesNotExist();
        return convert.err();
    }

    /** The golden checkpoint with other names of its tensors, beside its configuration. */
    private Path renamed(UnaryOperator<String> names) throws IOException {
        ByteBuffer old = ByteBuffer.wrap(Files.readAllBytes(CHECKPOINT)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] header = new byte[Math.toIntExact(old.getLong())];
        old.get(header);
        ObjectNode renamed = JSON.createObjectNode();
        JSON.readTree(header)
                .properties()
                .forEach(entry -> renamed.set(
                        entry.getKey().startsWith("__") ? entry.getKey() : names.apply(entry.getKey()),
                        entry.getValue()));
        byte[] written = JSON.writeValueAsBytes(renamed);
        Path directory = Files.createTempDirectory(folder, "renamed");
        Files.copy(CHECKPOINT.resolveSibling("config.json"), directory.resolve("config.json"));
        return Files.write(
                directory.resolve("model.safetensors"),
                ByteBuffer.allocate(Long.BYTES + written.length + old.remaining())
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(written.length)
                        .put(written)
                        .put(old)
                        .array());
    }
}
