package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code logits} and {@code inspect} on a converted golden model. */
final class ModelCommandsTest {
    private static final int VOCAB_SIZE = 320;

    @TempDir
    private Path folder;

    private Path model;

    @BeforeEach
    void convert() {
        model = folder.resolve("model");
        Invocation convert = Invocation.of(
                "convert", "--checkpoint", GoldenFiles.golden("c1-tiny-08b/checkpoint.pt"), "--output", model);
        assertThat(convert.status()).as(convert.err()).isZero();
    }

    @Test
    void writesTheGoldenLogitsOfEveryPosition() throws IOException {
        JsonNode sequence = new ObjectMapper()
                .readTree(GoldenFiles.golden("c1-tiny-08b/expected.json").toFile())
                .at("/sequences/main/ids");
        Path ids = Files.writeString(folder.resolve("ids.json"), sequence.toString());
        Path output = folder.resolve("results/logits.npy");

        Invocation logits = Invocation.of("logits", "--model", model, "--token-ids", ids, "--output", output);

        assertThat(logits).isEqualTo(new Invocation(ExitStatus.DONE, "", ""));
        assertThat(GoldenFiles.floats(output))
                .hasSize(sequence.size() * VOCAB_SIZE)
                .containsExactly(
                        GoldenFiles.floats(GoldenFiles.golden("c1-tiny-08b/int8emb_logits.npy")), within(1e-4f));
    }

    @Test
    void logitsStopAtTheFirstConfidentBlockWhenTheModelSaysSo() throws IOException {
        ObjectMapper json = new ObjectMapper();
        JsonNode expected =
                json.readTree(GoldenFiles.golden("c2-tiny-194m/expected.json").toFile());
        Path ids = Files.writeString(
                folder.resolve("ids.json"), expected.at("/sequences/main/ids").toString());
        for (JsonNode run : expected.at("/entropy_exit/runs")) {
            ObjectNode config = (ObjectNode)
                    json.readTree(GoldenFiles.golden("c2-tiny-194m/config.json").toFile());
            config.put("enable_entropy_exit", true);
            config.set("entropy_exit_threshold", run.get("entropy_exit_threshold"));
            String name = "exit-" + run.get("entropy_exit_threshold");
            Path file = Files.writeString(folder.resolve(name + ".json"), config.toString());
            Path exiting = folder.resolve(name);
            Invocation convert = Invocation.of(
                    "convert",
                    "--checkpoint",
                    GoldenFiles.golden("c2-tiny-194m/checkpoint.pt"),
                    "--config",
                    file,
                    "--weights",
                    "fp32",
                    "--output",
                    exiting);
            assertThat(convert.status()).as(convert.err()).isZero();
            Path output = folder.resolve(name + ".npy");

            Invocation logits = Invocation.of("logits", "--model", exiting, "--token-ids", ids, "--output", output);

            assertThat(logits).isEqualTo(new Invocation(ExitStatus.DONE, "", ""));
            Path golden =
                    GoldenFiles.golden("c2-tiny-194m/" + run.get("logits_file").textValue());
            assertThat(GoldenFiles.floats(output)).containsExactly(GoldenFiles.floats(golden), within(1e-4f));
        }
    }

    @Test
    void logitsRefuseAnIdOutsideTheVocabularyAndWriteNothing() throws IOException {
        Path ids = Files.writeString(folder.resolve("ids.json"), "[1, 320]");
        Path output = folder.resolve("logits.npy");

        assertRefused(
                Invocation.of("logits", "--model", model, "--token-ids", ids, "--output", output),
                "element 1 is 320",
                "0 to 319");
        assertThat(output).doesNotExist();
    }

    @Test
    void logitsRefuseAMissingFileOfIds() {
        Path ids = folder.resolve("missing.json");

        assertRefused(
                Invocation.of("logits", "--model", model, "--token-ids", ids, "--output", folder.resolve("logits.npy")),
                "no such file or folder: " + ids);
    }

    @Test
    void verifyFindsOneFlippedBit() throws IOException {
        Path weights = model.resolve("weights.bin");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length / 2] ^= 0x10;
        Files.write(weights, bytes);

        assertRefused(Invocation.of("inspect", "--verify", model), "weights.bin", "SHA-256");
        assertThat(Invocation.of("inspect", model).status()).isZero();
    }

    @Test
    void refusesAManifestWhoseOffsetsRunPastTheFile() throws IOException {
        Path manifest = model.resolve("manifest.json");
        String json = Files.readString(manifest);
        String beyond = json.replaceFirst("\"offset\" ?: ?\\d+", "\"offset\" : 1099511627776");
        assertThat(beyond).isNotEqualTo(json);
        Files.writeString(manifest, beyond);

        assertRefused(Invocation.of("inspect", model), "manifest.json", "1099511627776");
        Path ids = Files.writeString(folder.resolve("ids.json"), "[1]");
        assertRefused(
                Invocation.of("logits", "--model", model, "--token-ids", ids, "--output", folder.resolve("logits.npy")),
                "manifest.json");
    }

    @Test
    void refusesWeightsThatAreTooShort() throws IOException {
        Path weights = model.resolve("weights.bin");
        byte[] bytes = Files.readAllBytes(weights);
        Files.write(weights, Arrays.copyOf(bytes, bytes.length - 64));

        Path ids = Files.writeString(folder.resolve("ids.json"), "[1]");
        assertRefused(
                Invocation.of("logits", "--model", model, "--token-ids", ids, "--output", folder.resolve("logits.npy")),
                "weights.bin");
    }

    private static void assertRefused(Invocation invocation, String... parts) {
        MainTest.assertRefused(invocation, parts);
    }
}
