package io.spikelet.engine.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.spikelet.engine.GoldenCase;
import io.spikelet.engine.GoldenCase.Weights;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.ModelSettings;
import io.spikelet.engine.model.SpikingModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AblationTest {
    @TempDir
    Path folder;

    /** Logits of every position, and the encoder's spikes up to it. */
    private record Outcome(float[][] logits, long[] encoderSpikes) {}

    private static ModelSettings ablations(String... labels) {
        return new ModelSettings(Families.all().ablations(List.of(labels)), null);
    }

    private static Outcome run(SpikingModel model, int[] ids, int block) {
        try (Decoder decoder = new Decoder(model, block)) {
            DecoderState state = decoder.allocate(ids.length);
            float[][] logits = new float[ids.length][];
            long[] spikes = new long[ids.length];
            for (int from = 0; from < ids.length; from += block) {
                int to = Math.min(ids.length, from + block);
                decoder.clear();
                for (int i = from; i < to; i++) {
                    decoder.add(state, ids[i], true);
                }
                decoder.run();
                for (int i = from; i < to; i++) {
                    int offset = decoder.logitsOffset(i - from);
                    logits[i] = Arrays.copyOfRange(decoder.logits(), offset, offset + decoder.vocabulary());
                    spikes[i] = decoder.spikes(state).count("encoder", 0);
                }
            }
            return new Outcome(logits, spikes);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"attention", "decay", "prior", "lif-topk"})
    void eachChangesTheLogitsAndDoesNotDependOnThePasses(String ablation) {
        GoldenCase golden = GoldenCase.load("c1-tiny-08b");
        try (SpikingModel model = golden.open(folder, Weights.INT8)) {
            int[] ids = golden.ids("main");
            SpikingModel ablated = model.with(ablations(ablation));
            Outcome whole = run(model, ids, 16);
            Outcome without = run(ablated, ids, 16);
            assertThat(without.logits()).isDeepEqualTo(run(ablated, ids, 1).logits());
            assertThat(without.logits()[ids.length - 1]).isNotEqualTo(whole.logits()[ids.length - 1]);
            assertThat(run(model.with(ModelSettings.NONE), ids, 16).logits()).isDeepEqualTo(whole.logits());
        }
    }

    @Test
    void withoutAttentionAndDecayNothingIsRememberedButTheMembrane() {
        GoldenCase golden = GoldenCase.load("c2-tiny-194m");
        try (SpikingModel model = golden.open(folder, Weights.FP32)) {
            SpikingModel mute = model.with(ablations("attention", "decay"));
            int[] ids = Arrays.copyOf(golden.ids("main"), 12);
            Outcome together = run(mute, ids, 5);
            for (int i = 0; i < ids.length; i++) {
                assertThat(together.logits()[i])
                        .isEqualTo(run(mute, new int[] {ids[i]}, 1).logits()[0]);
            }
            for (String one : List.of("attention", "decay")) {
                float[] last = run(model.with(ablations(one)), ids, 5).logits()[11];
                assertThat(last).as("%s alone", one).isNotEqualTo(together.logits()[11]);
            }
        }
    }

    @Test
    void withoutItsPriorTheHeadIsTheOutputMatrixAlone() {
        GoldenCase golden = GoldenCase.load("c4-tiny-08b-staticprior");
        try (SpikingModel model = golden.open(folder, Weights.FP32)) {
            int[] ids = golden.ids("main");
            float[][] whole = run(model, ids, 8).logits();
            float[][] without = run(model.with(ablations("prior")), ids, 8).logits();
            for (int id = 0; id < whole[0].length; id++) {
                float prior = whole[0][id] - without[0][id]; // the same at every position
                for (int i = 1; i < ids.length; i++) {
                    assertThat(whole[i][id] - without[i][id]).isCloseTo(prior, within(2e-6f));
                }
            }
            assertThat(whole[0]).isNotEqualTo(without[0]);
        }
    }

    @Test
    void theTopKMaskFiresAsOftenAsTheMembrane() {
        for (String name : GoldenCase.NAMES) {
            GoldenCase golden = GoldenCase.load(name);
            try (SpikingModel model = golden.open(folder, Weights.INT8_EMBEDDING)) {
                int[] ids = golden.ids("main");
                Outcome ranked = run(model.with(ablations("lif-topk")), ids, 7);
                assertThat(ranked.encoderSpikes())
                        .isSorted()
                        .isEqualTo(run(model, ids, 7).encoderSpikes());
                assertThat(ranked.encoderSpikes()[ids.length - 1]).isPositive();
            }
        }
    }

    @Test
    void whatAModelDoesNotHaveCannotBeSilenced() {
        try (SpikingModel model = GoldenCase.load("c3-tiny-08b-noattn").open(folder, Weights.FP32)) {
            assertThatThrownBy(() -> model.with(ablations("attention")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("attention");
        }
        assertThatThrownBy(() -> ablations("prior", "norms"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("norms", "attention, decay, prior, lif-topk");
    }
}
