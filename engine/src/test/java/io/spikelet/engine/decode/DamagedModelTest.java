package io.spikelet.engine.decode;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.ByteTokenizer;
import io.spikelet.engine.Fixtures;
import io.spikelet.engine.convert.Converter;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.CommonSampler;
import io.spikelet.engine.model.DamagedModelError;
import io.spikelet.engine.model.ManifestReader;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.model.TensorEntry;
import io.spikelet.engine.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights that were changed after conversion: the error is the model's, not that of every row. */
class DamagedModelTest {
    @TempDir
    private Path folder;

    private Path directory;

    @BeforeEach
    void convert() {
        directory = folder.resolve("model");
        Converter.convert(
                new Converter.Options(
                        Fixtures.golden("c2-tiny-194m/checkpoint.pt"),
                        directory,
                        Optional.empty(),
                        Optional.empty(),
                        DType.FLOAT32,
                        DType.FLOAT32,
                        Optional.empty()),
                Families.mappings(),
                line -> {});
    }

    private void damage() throws IOException {
        ModelManifest manifest = ManifestReader.read(directory, Families.all());
        TensorEntry head = manifest.tensor("output_head.output_proj.weight");
        try (FileChannel file =
                FileChannel.open(directory.resolve(ModelManifest.WEIGHTS_FILE), StandardOpenOption.WRITE)) {
            ByteBuffer value = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
            for (long at = 0; at < head.length(); at += 4) {
                file.write(value.clear().putFloat(Float.NaN).flip(), head.offset() + at);
            }
        }
    }

    private static List<GenerationRequest> requests() {
        return IntStream.range(0, 5)
                .mapToObj(i -> new GenerationRequest(
                        "r" + i,
                        new int[] {1, 30 + i, 40},
                        SamplingParams.defaults(CommonSampler.GREEDY)
                                .change()
                                .maxNewTokens(4)
                                .build(),
                        7,
                        0))
                .toList();
    }

    @Test
    void aDamagedModelEndsTheRunAtTheFirstRow() throws IOException {
        damage();
        try (SpikingModel model = SpikingModel.open(directory, Families.all());
                Generator generator = new Generator(model, new ByteTokenizer(), new Generator.Options(2, 8, false))) {
            assertThatThrownBy(() -> generator.generate(requests().iterator()).next())
                    .isInstanceOf(DamagedModelError.class)
                    .hasMessageContainingAll(
                            "the model " + directory + " is damaged", "inspect --verify", "weights.bin");
        }
    }

    @Test
    void anIntactModelIsNotBlamed() {
        try (SpikingModel model = SpikingModel.open(directory, Families.all())) {
            model.requireIntact();
            NonFiniteLogitsException.blameModel(new NonFiniteLogitsException(Float.NaN, 5), model);
            NonFiniteLogitsException.blameModel(new IllegalStateException("another failure"), model);
        }
    }
}
