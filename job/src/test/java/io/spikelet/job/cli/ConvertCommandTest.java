package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConvertCommandTest {
    @TempDir
    private Path folder;

    @Test
    void writesAModelDirectoryThatVerifies() {
        Path output = folder.resolve("model");

        Invocation convert = Invocation.of(
                "convert", "--checkpoint", GoldenFiles.golden("c1-tiny-08b/checkpoint.pt"), "--output", output);

        assertThat(convert.err()).isEmpty();
        assertThat(convert.status()).isZero();
        assertThat(Invocation.of("inspect", "--verify", output).out())
                .contains("symboliclight 0.8b", "183,184", "int8", "panel-64", "every checksum matches");
    }

    @Test
    void fp32WeightsMakeEveryTensorFloat32() {
        Path output = folder.resolve("model");
        Path checkpoint = GoldenFiles.golden("c2-tiny-194m/model.safetensors");

        Invocation convert =
                Invocation.of("convert", "--checkpoint", checkpoint, "--weights", "fp32", "--output", output);

        assertThat(convert.status()).as(convert.err()).isZero();
        assertThat(Invocation.of("inspect", output).out())
                .contains("symboliclight 194m", "float32")
                .doesNotContain("int8");
    }

    @Test
    void theSchemeIsRecordedAndExplained() {
        Path output = folder.resolve("model");
        Path checkpoint = GoldenFiles.golden("c1-tiny-08b/checkpoint.pt");

        Invocation convert =
                Invocation.of("convert", "--checkpoint", checkpoint, "--scheme", "w8a8", "--output", output);

        assertThat(convert.status()).as(convert.err()).isZero();
        assertThat(convert.out()).contains("docs/evaluation.md");
        assertThat(Invocation.of("inspect", "--verify", output).out())
                .contains("w8a8", "panel-64x4", "every checksum matches");
    }

    @Test
    void aSchemeThatContradictsTheWeightsIsRefused() {
        assertRefused(
                GoldenFiles.golden("c1-tiny-08b/checkpoint.pt"),
                "--weights says fp32 and --scheme w8a8",
                "--weights",
                "fp32",
                "--scheme",
                "w8a8");
    }

    @Test
    void anInt8EmbeddingContradictsFp32Weights() {
        assertRefused(
                GoldenFiles.golden("c1-tiny-08b/checkpoint.pt"),
                "--embedding int8 needs --weights int8",
                "--weights",
                "fp32",
                "--embedding",
                "int8");
    }

    @Test
    void unknownWeightsNameTheKnownOnes() {
        assertRefused(
                GoldenFiles.golden("c1-tiny-08b/checkpoint.pt"),
                "'--weights': 'fp16' is none of fp32, int8",
                "--weights",
                "fp16");
    }

    @Test
    void refusesAMissingCheckpoint() {
        assertRefused(folder.resolve("missing.pt"), "missing.pt");
    }

    @Test
    void refusesATruncatedCheckpoint() throws IOException {
        byte[] whole = Files.readAllBytes(GoldenFiles.golden("c1-tiny-08b/checkpoint.pt"));
        Path truncated = folder.resolve("truncated.pt");
        for (int length : new int[] {0, 100, whole.length / 2, whole.length - 1}) {
            Files.write(truncated, Arrays.copyOf(whole, length));

            assertRefused(truncated, "truncated.pt");
        }
    }

    @Test
    void refusesAZipThatIsNotTorch() throws IOException {
        assertRefused(zip("other.zip", "notes.txt", "hello".getBytes(StandardCharsets.UTF_8)), "other.zip");
    }

    @Test
    void refusesAPickleThatNamesAnythingButTensors() throws IOException {
        // PROTO 2, GLOBAL os.system, the string as its argument, REDUCE: what a hostile checkpoint would run.
        byte[] pickle = "\u0080\2cos\nsystem\n(S'true'\ntR.".getBytes(StandardCharsets.ISO_8859_1);

        assertRefused(zip("hostile.pt", "archive/data.pkl", pickle), "os.system");
    }

    @Test
    void refusesATokenizerThatIsNone() throws IOException {
        Path tokenizer = Files.writeString(folder.resolve("tokenizer.model"), "not a tokenizer");

        assertRefused(
                GoldenFiles.golden("c1-tiny-08b/checkpoint.pt"),
                "tokenizer.model",
                "--tokenizer",
                tokenizer.toString());
    }

    @Test
    void refusesAnOutputThatExists() throws IOException {
        Path output = Files.createDirectory(folder.resolve("model"));

        Invocation convert = Invocation.of(
                "convert", "--checkpoint", GoldenFiles.golden("c1-tiny-08b/checkpoint.pt"), "--output", output);

        assertThat(convert.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(convert.err()).contains(output.toString(), "exists").containsOnlyOnce("\n");
        assertThat(output).isEmptyDirectory();
    }

    /** The refusal is one line with status 2, and nothing of the output directory remains. */
    private void assertRefused(Path checkpoint, String part, String... options) {
        Object[] args = new Object[5 + options.length];
        System.arraycopy(options, 0, args, 5, options.length);
        args[0] = "convert";
        args[1] = "--checkpoint";
        args[2] = checkpoint;
        args[3] = "--output";
        args[4] = folder.resolve("model");

        Invocation convert = Invocation.of(args);

        assertThat(convert.err()).startsWith("spikelet: ").contains(part).containsOnlyOnce("\n");
        assertThat(convert.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(folder)
                .isDirectoryNotContaining(path -> path.toString().contains("model") && Files.isDirectory(path));
    }

    private Path zip(String name, String member, byte[] content) throws IOException {
        Path file = folder.resolve(name);
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(member);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(entry);
            zip.write(content);
        }
        return file;
    }
}
