package io.spikelet.engine.family.spikegpt;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.spikelet.engine.kernel.KernelProvider;
import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.model.PassColumns;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every spike and every exact zero of the reference programs, block by block, and the states after 16 and all tokens. */
class SpikeGptTraceTest {
    @TempDir
    Path folder;

    private final Kernels kernels = KernelProvider.kernels();

    static Stream<Arguments> cases() {
        return SpikeGptCase.all().filter(arguments -> !((String) arguments.get()[0]).contains(":"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everySpikeAndEveryZeroIsTheReferences(String name, DType type) throws IOException {
        SpikeGptCase golden = SpikeGptCase.load(name, type);
        try (SpikingModel opened = golden.open(folder)) {
            SpikeGptModel model = (SpikeGptModel) opened.network();
            SpikeGptConfig config = model.config();
            int width = config.width();
            int[] ids = golden.ids("main");
            PassBuffers pass = new PassBuffers(config, ids.length);
            PassColumns columns = columns(new RecurrentState(config), ids, ids.length);
            pass.begin(columns);
            model.embedding().forward(kernels, pass, columns);
            for (Block block : model.blocks()) {
                String trace = "block" + block.layer() + "_";
                block.mixTime(kernels, pass);
                close(golden, trace + "k", pass.key);
                close(golden, trace + "v", pass.value);
                close(golden, trace + "r", pass.gate);
                bits(golden, trace + "lif1_spikes", pass, width);
                close(golden, trace + "lif1_input", pass.current);
                block.mixChannels(kernels, pass);
                bits(golden, trace + "lif2_spikes", pass, width);
                close(golden, trace + "lif2_input", pass.current);
                zeros(golden, trace + "ffn_zero", pass.hidden);
                if (config.halvesAfter(block.layer())) {
                    kernels.scale(pass.stream, 0, ids.length * width, 0.5f);
                }
                close(golden, trace + "residual", pass.stream);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void statesAreTheReferences(String name, DType type) throws IOException {
        SpikeGptCase golden = SpikeGptCase.load(name, type);
        try (SpikingModel opened = golden.open(folder)) {
            SpikeGptModel model = (SpikeGptModel) opened.network();
            int[] ids = golden.ids("main");
            for (int block : new int[] {1, 16}) {
                RecurrentState state = new RecurrentState(model.config());
                SpikeGptPass pass =
                        new SpikeGptPass(model, block, model.config().vocabSize(), kernels);
                for (int from = 0; from < ids.length; from += block) {
                    pass.run(
                            columns(state, Arrays.copyOfRange(ids, from, Math.min(ids.length, from + block)), 0),
                            new float[0]);
                    if (from + block == 16) {
                        compare(state, golden.state("after_16").values());
                    }
                }
                compare(state, golden.state("last").values());
            }
        }
    }

    /** Two trials of the generation program from one prompt: the second begins with the membranes that the first one left. */
    @Test
    void trialsKeepTheirMembranesWhereThatIsAskedFor() {
        SpikeGptCase golden = SpikeGptCase.load("g2-run", DType.FLOAT32);
        JsonNode trials = golden.expected().get("run_py_trials");
        int[] prompt = SpikeGptCase.ints(trials.get("prompt"));
        try (SpikingModel opened = golden.open(folder)) {
            SpikeGptModel model = (SpikeGptModel) opened.network();
            SpikeGptPass pass =
                    new SpikeGptPass(model, prompt.length, model.config().vocabSize(), kernels);
            float[] first = new float[model.config().vocabSize()];
            RecurrentState afterPrompt = new RecurrentState(model.config());
            PassColumns columns = new PassColumns(prompt.length);
            for (int n = 0; n < prompt.length; n++) {
                columns.add(afterPrompt, n, prompt[n], n == prompt.length - 1);
            }
            pass.run(columns, first);
            RecurrentState trial = new RecurrentState(model.config());
            trial.copyFrom(afterPrompt);
            int count = trials.get("trial_1").size();
            assertThat(trial(pass, trial, first, count)).isEqualTo(SpikeGptCase.ints(trials.get("trial_1")));
            trial.copyForTrial(afterPrompt);
            assertThat(trial(pass, trial, first, count)).isEqualTo(SpikeGptCase.ints(trials.get("trial_2")));
            trial.copyFrom(afterPrompt);
            assertThat(trial(pass, trial, first, count)).isEqualTo(SpikeGptCase.ints(trials.get("trial_1")));
        }
    }

    /** Largest logits but the first; the last new token is not fed. */
    private static int[] trial(SpikeGptPass pass, RecurrentState state, float[] first, int count) {
        float[] logits = first.clone();
        int[] ids = new int[count];
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                pass.run(columns(state, new int[] {ids[i - 1]}, 1), logits);
            }
            ids[i] = 1;
            for (int id = 2; id < logits.length; id++) {
                ids[i] = logits[id] > logits[ids[i]] ? id : ids[i];
            }
        }
        return ids;
    }

    private static PassColumns columns(RecurrentState state, int[] ids, int wanted) {
        PassColumns columns = new PassColumns(ids.length);
        for (int n = 0; n < ids.length; n++) {
            columns.add(state, n, ids[n], n < wanted);
        }
        return columns;
    }

    private static void compare(RecurrentState state, float[] expected) {
        assertThat(state.values).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            float tolerance = 2e-5f * Math.max(1, Math.abs(expected[i]));
            assertThat(Math.abs(state.values[i] - expected[i]))
                    .as("value %d", i)
                    .isLessThanOrEqualTo(tolerance);
        }
    }

    private void close(SpikeGptCase golden, String what, float[] actual) throws IOException {
        float[] expected = golden.trace(what).values();
        for (int i = 0; i < expected.length; i++) {
            float tolerance = 2e-5f * Math.max(1, Math.abs(expected[i]));
            assertThat(Math.abs(actual[i] - expected[i]))
                    .as("%s at %d", what, i)
                    .isLessThanOrEqualTo(tolerance);
        }
    }

    private void bits(SpikeGptCase golden, String what, PassBuffers pass, int width) throws IOException {
        float[] actual = new float[pass.columns() * width];
        for (int c = 0; c < pass.columns(); c++) {
            kernels.binary().spread(pass.spikes, c * pass.words, width, actual, c * width);
        }
        assertThat(actual).as(what).isEqualTo(golden.trace(what).values());
    }

    private static void zeros(SpikeGptCase golden, String what, float[] hidden) throws IOException {
        float[] expected = golden.trace(what).values();
        for (int i = 0; i < expected.length; i++) {
            assertThat(hidden[i] == 0).as("%s at %d", what, i).isEqualTo(expected[i] == 1);
        }
    }
}
