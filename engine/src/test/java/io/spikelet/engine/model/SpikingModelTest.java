package io.spikelet.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spikelet.engine.Fixtures;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.token.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An opened model has the tokenizer that its manifest names, or none. */
final class SpikingModelTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path model;

    @BeforeEach
    void copyTheBundledModel() throws IOException {
        for (String name : new String[] {"manifest.json", "weights.bin", "tokenizer.model"}) {
            Files.copy(Fixtures.projectRoot().resolve("datasets/models/tiny").resolve(name), model.resolve(name));
        }
    }

    private void assertRefused(String... messages) {
        assertThatThrownBy(() -> SpikingModel.open(model, Families.all()).close())
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContainingAll(messages);
    }

    @Test
    void opensWithTheTokenizerOfTheManifest() {
        try (SpikingModel opened = SpikingModel.open(model, Families.all())) {
            assertThat(opened.tokenizer().map(Tokenizer::vocabSize)).hasValue(4096);
        }
    }

    @Test
    void refusesATokenizerWithAnotherHash() throws IOException {
        byte[] tokenizer = Files.readAllBytes(model.resolve("tokenizer.model"));
        tokenizer[tokenizer.length / 2] ^= 1;
        Files.write(model.resolve("tokenizer.model"), tokenizer);
        assertRefused("tokenizer.model is damaged", "copy it again");
    }

    @Test
    void refusesADirectoryWhoseTokenizerIsMissing() throws IOException {
        Files.delete(model.resolve("tokenizer.model"));
        assertRefused("has lost its tokenizer", "copy the directory again");
    }

    @Test
    void refusesATokenizerThatTheManifestDoesNotName() throws IOException {
        ObjectNode manifest = manifest();
        manifest.remove("tokenizer");
        write(manifest);
        assertRefused("tokenizer.model is not in the manifest", "--tokenizer");
        Files.delete(model.resolve("tokenizer.model"));
        try (SpikingModel opened = SpikingModel.open(model, Families.all())) {
            assertThat(opened.tokenizer()).isEmpty();
        }
    }

    private ObjectNode manifest() throws IOException {
        return (ObjectNode) JSON.readTree(model.resolve("manifest.json").toFile());
    }

    private void write(ObjectNode manifest) throws IOException {
        JSON.writeValue(model.resolve("manifest.json").toFile(), manifest);
    }
}
