package io.spikelet.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.Fixtures;
import io.spikelet.engine.convert.Converter;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.tensor.DType;
import io.spikelet.engine.tensor.Matrix;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mapping and verifying a model directory, whole and damaged. */
final class MappedWeightsTest {
    private static final String UP = "blocks.0.ffn.up.weight";
    private static final String NORM = "blocks.0.ffn.norm.weight";

    @TempDir
    private Path folder;

    private Path model;

    @BeforeEach
    void convertAGoldenModel() {
        model = folder.resolve("model");
        Converter.convert(
                new Converter.Options(
                        Fixtures.golden("c1-tiny-08b/checkpoint.pt"),
                        model,
                        Optional.empty(),
                        Optional.empty(),
                        DType.INT8,
                        DType.INT8,
                        Optional.empty()),
                Families.mappings(),
                line -> {});
    }

    @Test
    void matricesAreValidUntilTheMappingIsClosed() {
        MappedWeights weights = MappedWeights.map(model, Families.all());
        Matrix matrix = weights.matrix(UP);
        assertThat(matrix.outputs()).isEqualTo(192);
        assertThat(matrix.data().isReadOnly()).isTrue();
        assertThat(matrix.data().address() % TensorEntry.ALIGNMENT).isZero();

        weights.close();
        weights.close();

        assertThatThrownBy(() -> matrix.data().get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void namesAndKindsAreChecked() {
        try (MappedWeights weights = MappedWeights.map(model, Families.all())) {
            assertThat(weights.vector("output_head.prior_weight")).hasSize(1);
            assertThatThrownBy(() -> weights.matrix("absent"))
                    .isInstanceOf(ModelFormatException.class)
                    .hasMessageContaining("no tensor absent");
            assertThatThrownBy(() -> weights.matrix(NORM)).hasMessageContaining("is a vector");
            assertThatThrownBy(() -> weights.vector(UP)).hasMessageContaining("is a matrix");
        }
    }

    @Test
    void theFileEndsWithZerosThatALoadMayRead() throws IOException {
        byte[] bytes = Files.readAllBytes(weightsFile());
        ModelManifest manifest = ManifestReader.read(model, Families.all());

        assertThat(manifest.weightsBytes()).isEqualTo(bytes.length);
        long end = manifest.tensors().stream()
                .mapToLong(
                        entry -> Math.max(entry.offset() + entry.length(), entry.scaleOffset() + entry.scaleLength()))
                .max()
                .orElseThrow();
        assertThat(end + TensorEntry.TAIL_BYTES).isLessThanOrEqualTo(bytes.length);
        for (int at = (int) end; at < bytes.length; at++) {
            assertThat(bytes[at]).isZero();
        }
    }

    @Test
    void aFileOfAnotherSizeIsRefused() throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(weightsFile().toFile(), "rw")) {
            file.setLength(file.length() - 1);
        }

        assertThatThrownBy(() -> MappedWeights.map(model, Families.all()))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("the manifest says");
    }

    @Test
    void aMissingFileIsRefused() throws IOException {
        Files.delete(weightsFile());

        assertThatThrownBy(() -> MappedWeights.map(model, Families.all()))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("no weights.bin");
    }

    @Test
    void scalesAndVectorsThatAreNotNumbersAreRefused() throws IOException {
        ModelManifest manifest = ManifestReader.read(model, Families.all());
        overwrite(manifest.tensor(UP).scaleOffset(), new byte[] {0, 0, (byte) 0xC0, 0x7F});
        overwrite(manifest.tensor("blocks.1.ffn.up.weight").scaleOffset(), new byte[] {0, 0, (byte) 0x80, (byte) 0xBF});
        overwrite(manifest.tensor(NORM).offset() + 4, new byte[] {0, 0, (byte) 0x80, 0x7F});

        try (MappedWeights weights = MappedWeights.map(model, Families.all())) {
            assertThatThrownBy(() -> weights.matrix(UP)).hasMessageContaining("element 0 is NaN");
            assertThatThrownBy(() -> weights.matrix("blocks.1.ffn.up.weight"))
                    .hasMessageContaining("the scale of output 0 is -1.0");
            assertThatThrownBy(() -> weights.vector(NORM)).hasMessageContaining("element 1 is Infinity");
        }
    }

    /** The way to replace a model that is in use: a new directory beside it, then renames. */
    @Test
    void aModelThatIsReplacedByRenamingKeepsItsWeightsWhereItIsMapped() throws IOException {
        byte[] mapped = Files.readAllBytes(weightsFile());
        Path next = Files.createDirectory(folder.resolve("next"));
        Files.copy(model.resolve(ModelManifest.FILE), next.resolve(ModelManifest.FILE));
        Files.write(next.resolve(ModelManifest.WEIGHTS_FILE), new byte[1]); // shorter than what is mapped
        try (MappedWeights weights = MappedWeights.map(model, Families.all())) {
            Files.move(model, folder.resolve("before"));
            Files.move(next, model);

            Matrix matrix = weights.matrix(UP);
            long offset = ManifestReader.read(model, Families.all()).tensor(UP).offset();
            assertThat(matrix.data().toArray(ValueLayout.JAVA_BYTE))
                    .startsWith(Arrays.copyOfRange(mapped, (int) offset, (int) offset + 4096));
        }
    }

    @Test
    void aWholeDirectoryVerifies() {
        ModelVerifier.verify(model, Families.all());
        assertThat(ManifestReader.read(model, Families.all()).weightsBytes()).isPositive();
    }

    @Test
    void aFlippedBitIsFound() throws IOException {
        byte[] bytes = Files.readAllBytes(weightsFile());
        bytes[bytes.length / 3] ^= 0x10;
        Files.write(weightsFile(), bytes);

        assertThatThrownBy(() -> ModelVerifier.verify(model, Families.all()))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("weights.bin is damaged");
    }

    @Test
    void aTokenizerThatTheManifestDoesNotKnowIsFound() throws IOException {
        Files.writeString(model.resolve("tokenizer.model"), "from elsewhere");

        assertThatThrownBy(() -> ModelVerifier.verify(model, Families.all()))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("tokenizer.model is not in the manifest");
    }

    private Path weightsFile() {
        return model.resolve(ModelManifest.WEIGHTS_FILE);
    }

    private void overwrite(long offset, byte[] bytes) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(weightsFile().toFile(), "rw")) {
            file.seek(offset);
            file.write(bytes);
        }
    }
}
