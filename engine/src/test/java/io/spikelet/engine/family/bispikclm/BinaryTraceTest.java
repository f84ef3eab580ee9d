package io.spikelet.engine.family.bispikclm;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.Npy;
import io.spikelet.engine.kernel.KernelProvider;
import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every spike of the reference programs, bank by bank, in all steps of all positions. */
class BinaryTraceTest {
    @TempDir
    Path folder;

    private final Kernels kernels = KernelProvider.kernels();
    private BinaryCase golden;
    private DType weights;
    private BispikclmConfig config;
    private PassBuffers pass;
    private int positions;

    static Stream<Arguments> cases() {
        return BinaryGoldenTest.cases();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everySpikeIsTheReferences(String name, DType type) throws IOException {
        golden = BinaryCase.load(name);
        weights = type;
        try (SpikingModel opened = golden.open(folder, type)) {
            BispikclmModel model = (BispikclmModel) opened.network();
            config = model.config();
            int[] ids = golden.ids("main");
            positions = ids.length;
            pass = new PassBuffers(config, positions);
            SequenceBits[] sequences = new SequenceBits[positions];
            Arrays.fill(sequences, new BispikclmStates(config).create(positions));
            for (int n = 0; n < positions; n++) {
                model.input().embed(kernels, pass, pass.add(n), ids[n]);
            }
            model.input().forward(kernels, pass, sequences);
            if (config.inputSpike()) {
                bits("input", pass.spikes, config.width());
            }
            for (Block block : model.blocks()) {
                checkBlock(block, "layer" + block.layer() + "_", sequences);
            }
            int[] wanted = new int[positions];
            Arrays.setAll(wanted, n -> n);
            model.head()
                    .forward(
                            kernels,
                            pass,
                            wanted,
                            positions,
                            config.vocabSize(),
                            new float[positions * config.vocabSize()],
                            new OutputHead.Scratch(config, positions));
            assertThat(pass.readout)
                    .isEqualTo(golden.trace("readout_sum", weights).values());
        }
    }

    private void checkBlock(Block block, String layer, SequenceBits[] sequences) throws IOException {
        int width = config.width();
        float[] before = pass.stream.clone();
        block.attend(kernels, pass, sequences);
        bits(layer + "q", pass.query, width);
        bits(layer + "k", pass.key, width);
        bits(layer + "v", pass.value, width);
        attention(block, layer, sequences);
        if (config.contextSpike()) {
            bits(layer + "context", pass.context, width);
        } else {
            floats(layer + "context_sum", pass.contextSums);
        }
        if (config.residualSpike()) {
            bits(layer + "residual", pass.spikes, width);
        } else {
            bits(layer + "c", pass.spikes, width);
            Npy spikes = golden.trace(layer + "c", weights);
            for (int row = 0; row < pass.rows(); row++) {
                for (int i = 0; i < width; i++) {
                    int at = row * width + i;
                    assertThat(pass.stream[at]).isEqualTo(before[at] + spikes.values()[traceAt(row, width) + i]);
                }
            }
        }
        block.feedForward(kernels, pass, sequences);
        bits(layer + "u", pass.hidden, config.hidden());
        if (config.blockOutputSpike()) {
            bits(layer + "h", pass.spikes, width);
        } else {
            bits(layer + "d", pass.spikes, width);
            floats(layer + "h", pass.stream);
        }
    }

    /** Of every query at every key, none of them in the future; the keys of the block are stored by now. */
    private void attention(Block block, String layer, SequenceBits[] sequences) throws IOException {
        Npy expected = golden.trace(layer + "attn", weights);
        int heads = config.heads();
        for (int n = 0; n < positions; n++) {
            KeyValueBits cache = sequences[n].layers[block.layer()];
            block.attention().fireScores(kernels.binary(), pass, n, cache, n + 1);
            for (int row = 0; row < config.steps() * heads; row++) {
                float[] actual = new float[positions]; // keys in the future stay 0
                kernels.binary().spread(pass.fired, row * pass.keyWords, n + 1, actual, 0);
                int at = (row * positions + n) * positions; // (step, head, query, key)
                assertThat(actual)
                        .as("%sattn, position %d, step and head %d", layer, n, row)
                        .isEqualTo(Arrays.copyOfRange(expected.values(), at, at + positions));
            }
        }
    }

    /** Where a row of ours begins in a trace, whose first axis is the step. */
    private int traceAt(int row, int width) {
        return (row % config.steps() * positions + row / config.steps()) * width;
    }

    private void bits(String what, long[] bits, int width) throws IOException {
        Npy expected = golden.trace(what, weights);
        int words = bits.length / pass.rows();
        for (int row = 0; row < pass.rows(); row++) {
            float[] actual = new float[width];
            kernels.binary().spread(bits, row * words, width, actual, 0);
            int at = traceAt(row, width);
            assertThat(actual)
                    .as("%s, row %d", what, row)
                    .isEqualTo(Arrays.copyOfRange(expected.values(), at, at + width));
        }
    }

    private void floats(String what, float[] values) throws IOException {
        Npy expected = golden.trace(what, weights);
        int width = config.width();
        for (int row = 0; row < pass.rows(); row++) {
            int at = traceAt(row, width);
            assertThat(Arrays.copyOfRange(values, row * width, (row + 1) * width))
                    .as("%s, row %d", what, row)
                    .isEqualTo(Arrays.copyOfRange(expected.values(), at, at + width));
        }
    }
}
