package io.spikelet.engine.family.spikegpt;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.Fixtures;
import io.spikelet.engine.convert.EditableCheckpoint;
import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.kernel.KernelProvider;
import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.kernel.RecurrentKernels;
import io.spikelet.engine.kernel.ScalarKernels;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model whose squared ReLU is 0 at nearly every entry, so that passes of several columns skip them. */
class SkippedZerosTest {
    @TempDir
    Path folder;

    /** Of every ten rows of the matrix before the squared ReLU, nine are 0. */
    private SpikingModel model() throws IOException {
        EditableCheckpoint checkpoint = EditableCheckpoint.read(Fixtures.golden("spikegpt/g3-learnable"));
        checkpoint.tensors().forEach((name, tensor) -> {
            if (name.endsWith(SpikeGptTensors.FFN_KEY)) {
                int row = tensor.bytes().length / tensor.shape().getFirst();
                for (int i = 0; i < tensor.shape().getFirst(); i++) {
                    if (i % 10 != 0) {
                        Arrays.fill(tensor.bytes(), i * row, (i + 1) * row, (byte) 0);
                    }
                }
            }
        });
        return SpikingModel.open(checkpoint.convert(folder, folder.resolve("model")), Families.all());
    }

    @Test
    void passesOfManyColumnsHaveTheBitsOfOne() throws IOException {
        int[] ids = new Random(9).ints(30, 0, 263).toArray();
        try (SpikingModel model = model()) {
            SpikeStatistics spikes = spikes(model, ids);
            SpikeGptConfig config = (SpikeGptConfig) model.config();
            long active = (long) (ids.length * config.hidden() * (1 - spikes.rates(SpikeGptConfig.RELU_ZERO)[1]));
            assertThat(RecurrentKernels.skippingPays(ids.length, config.hidden(), active))
                    .isTrue();
            float[] expected = logits(model, ids, 1, new ScalarKernels());
            for (int block : new int[] {1, 2, 7, ids.length}) {
                for (Kernels kernels : new Kernels[] {new ScalarKernels(), KernelProvider.kernels()}) {
                    assertThat(logits(model, ids, block, kernels))
                            .as("%s, blocks of %d", kernels.description(), block)
                            .isEqualTo(expected);
                }
            }
        }
    }

    private static SpikeStatistics spikes(SpikingModel model, int[] ids) {
        try (Decoder decoder = new Decoder(model, ids.length)) {
            DecoderState state = decoder.allocate(ids.length);
            SpikeGptGoldenTest.feed(decoder, state, ids, ids.length);
            return decoder.spikes(state);
        }
    }

    private static float[] logits(SpikingModel model, int[] ids, int block, Kernels kernels) {
        int vocabulary = model.config().vocabSize();
        float[] logits = new float[ids.length * vocabulary];
        try (Decoder decoder = new Decoder(model, block, vocabulary, kernels)) {
            DecoderState state = decoder.allocate(ids.length);
            for (int from = 0; from < ids.length; from += block) {
                decoder.clear();
                int end = Math.min(ids.length, from + block);
                for (int i = from; i < end; i++) {
                    decoder.add(state, ids[i], true);
                }
                decoder.run();
                System.arraycopy(decoder.logits(), 0, logits, from * vocabulary, (end - from) * vocabulary);
            }
        }
        return logits;
    }
}
