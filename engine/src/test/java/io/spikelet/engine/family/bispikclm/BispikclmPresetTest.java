package io.spikelet.engine.family.bispikclm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.convert.Synthesizer;
import io.spikelet.engine.model.Scheme;
import io.spikelet.engine.model.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The shapes that can be synthesized; those of hundreds of megabytes are not written. */
final class BispikclmPresetTest {
    private static final int PADDED_VOCABULARY = 50304; // 786 panels of 64

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"M125, 768, 3072, 12, 12, 168", "M350, 1024, 4096, 16, 24, 413", "B1_3, 2048, 8192, 32, 24, 1430"})
    void thePapersShapes(BispikclmPreset preset, int width, int hidden, int heads, int layers, int megabytes) {
        BispikclmConfig config = preset.config();
        assertThat(List.of(config.width(), config.hidden(), config.heads(), config.layers()))
                .containsExactly(width, hidden, heads, layers);
        assertThat(List.of(config.vocabSize(), config.maxPositions(), config.steps()))
                .containsExactly(50272, 2048, 4);
        assertThat(config.headDim()).isEqualTo(64);
        assertThat(config.variant()).isEqualTo("reproduction");

        Map<String, List<Integer>> shapes =
                config.tensors().stream().collect(Collectors.toMap(TensorSpec::name, TensorSpec::shape));
        String last = "model.layers." + (layers - 1) + ".";
        assertThat(shapes)
                .containsEntry("model.token_embedding.weight", List.of(50272, width))
                .containsEntry("model.position_embeddings.weight", List.of(2048, width))
                .containsEntry(last + "attention.q_proj.weight", List.of(width, width))
                .containsEntry(last + "attention.out_proj.weight", List.of(width, width))
                .containsEntry(last + "mlp.fc1.weight", List.of(hidden, width))
                .containsEntry(last + "mlp.fc2.weight", List.of(width, hidden))
                .containsEntry("head.weight", List.of(50272, width))
                .doesNotContainKey("model.layers." + layers + ".mlp.fc1.weight");
        long bytes = config.tensors().stream()
                .filter(TensorSpec::isMatrix)
                .mapToLong(spec -> spec.layout()
                                .elements(spec.shape().getFirst(), spec.shape().getLast())
                        * (spec.name().equals(BispikclmTensors.POSITIONS) ? Float.BYTES : 1))
                .sum();
        assertThat(bytes)
                .isEqualTo((50272L + 4 * 2048 + PADDED_VOCABULARY) * width
                        + layers * (4L * width * width + 2L * width * hidden));
        assertThat(bytes / 1_000_000).isEqualTo(megabytes);
        assertThat(2L * config.layers() * config.steps() * config.width() / Byte.SIZE)
                .as("bits of keys and values of a token, in bytes")
                .isEqualTo((config.states(1).bytes(128) - config.states(1).bytes(64)) / 64);
    }

    @Test
    void theSmallShapeIsThatOfTheBundledModel() {
        BispikclmConfig config = BispikclmPreset.TINY.config();
        assertThat(List.of(config.vocabSize(), config.width(), config.hidden(), config.heads(), config.layers()))
                .containsExactly(4096, 320, 1280, 5, 5);
        assertThat(config.maxPositions()).isEqualTo(256);
    }

    @ParameterizedTest
    @CsvSource({"M350", "B1_3"})
    void refusalsComeBeforeAnythingIsWritten(BispikclmPreset preset) {
        Path output = folder.resolve("model");
        assertThatThrownBy(() -> Synthesizer.synthesize(preset, 1, Scheme.W8A8, Optional.empty(), output, line -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has no scheme w8a8");
        assertThatThrownBy(() -> Synthesizer.synthesize(
                        preset, 1, Scheme.W8A32, Optional.of(folder.resolve("none")), output, line -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("there is no tokenizer");
        assertThatThrownBy(() -> Synthesizer.synthesize(preset, 1, folder, line -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("exists");
        assertThat(folder).isEmptyDirectory();
    }
}
