package io.spikelet.engine.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.spikelet.engine.Fixtures;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.ModelFormatException;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.ModelVerifier;
import io.spikelet.engine.tensor.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelOutputTest {
    @TempDir
    private Path folder;

    @Test
    void aFailureInTheMiddleLeavesNothingBehind() throws IOException {
        assertThatThrownBy(() -> ModelOutput.create(folder.resolve("model"), directory -> {
                    Files.write(directory.resolve(ModelManifest.WEIGHTS_FILE), new byte[100]);
                    throw new IOException("No space left on device");
                }))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContainingAll("model", "No space left on device");

        assertThat(TorchFixture.names(folder)).isEmpty();
    }

    @Test
    void anOutputThatAppearsMeanwhileStaysAsItIs() throws IOException {
        Path output = folder.resolve("model");
        Path source = Fixtures.golden("c1-tiny-08b/checkpoint.pt");
        ModelManifest manifest =
                Checkpoints.convert(source, folder.resolve("other")).manifest();

        assertThatThrownBy(() -> ModelOutput.create(output, directory -> {
                    Files.createDirectory(output);
                    Files.writeString(output.resolve("precious.txt"), "kept");
                    return manifest;
                }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("exists");

        assertThat(TorchFixture.names(output)).containsExactly("precious.txt");
        assertThat(TorchFixture.names(folder)).containsExactlyInAnyOrder("model", "other");
    }

    @Test
    void missingParentsAreCreatedAndOnlyTheModelAppears() throws IOException {
        Path output = folder.resolve("some/where/model");

        Checkpoints.convert(Fixtures.golden("c1-tiny-08b/checkpoint.pt"), output);

        assertThat(TorchFixture.names(output.getParent())).containsExactly("model");
        assertThat(TorchFixture.names(output)).containsExactlyInAnyOrder("manifest.json", "weights.bin");
    }

    @Test
    void theTokenizerIsCopiedAndVerified() throws IOException {
        Optional<Path> tiny = Fixtures.shared("models/tiny");
        assumeThat(tiny)
                .as("../shared/models/tiny, the trained checkpoint, is absent")
                .isPresent();
        Path model = folder.resolve("model");
        Converter.Options options = new Converter.Options(
                tiny.get().resolve("checkpoint.pt"),
                model,
                Optional.empty(),
                Optional.of(tiny.get().resolve("tokenizer.model")),
                DType.INT8,
                DType.INT8,
                Optional.empty());

        ModelManifest manifest =
                Converter.convert(options, Families.mappings(), line -> {}).manifest();

        assertThat(manifest.parameterCount()).isEqualTo(5_788_181);
        assertThat(manifest.tokenizerVocabulary()).hasValue(4096);
        ModelVerifier.verify(model, Families.all());
        byte[] tokenizer = Files.readAllBytes(model.resolve("tokenizer.model"));
        tokenizer[100] ^= 1;
        Files.write(model.resolve("tokenizer.model"), tokenizer);
        assertThatThrownBy(() -> ModelVerifier.verify(model, Families.all()))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("tokenizer.model is damaged");
    }
}
