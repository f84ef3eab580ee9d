package io.spikelet.engine.family.spikegpt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.spikelet.engine.ByteTokenizer;
import io.spikelet.engine.decode.Completion;
import io.spikelet.engine.decode.GenerationRequest;
import io.spikelet.engine.decode.Generator;
import io.spikelet.engine.decode.SamplingParams;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.family.symboliclight.SymbolicLightPreset;
import io.spikelet.engine.model.CommonSampler;
import io.spikelet.engine.model.SamplerPolicy;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Completions of this family: trials that continue each other, and prompts that begin with a state that was kept. */
class SpikeGptGenerationTest {
    private static final long AMPLE = 1 << 24;

    @TempDir
    Path folder;

    private static List<Completion> complete(
            SpikingModel model, int batch, int columns, long stateBytes, List<GenerationRequest> requests) {
        return complete(
                model, new Generator.Options(batch, columns, false, stateBytes, AMPLE, 60), requests, new long[1]);
    }

    private static List<Completion> complete(
            SpikingModel model, Generator.Options options, List<GenerationRequest> requests, long[] reused) {
        List<Completion> completions = new ArrayList<>();
        try (Generator generator =
                new Generator(model, new ByteTokenizer(model.config().vocabSize()), options)) {
            generator.generate(requests.iterator()).forEachRemaining(completions::add);
            reused[0] = generator.reusedPositions();
        }
        completions.sort(Comparator.comparing((Completion c) -> c.request().rowId())
                .thenComparing(c -> c.request().sampleIndex()));
        return completions;
    }

    /** The nucleus is so small that the draw is the largest logit but that of end of text, as in the reference's trials. */
    private static GenerationRequest trial(int[] prompt, int count, SamplerPolicy policy, int sample) {
        SamplingParams params = SamplingParams.defaults(policy)
                .change()
                .topP(1e-6f)
                .maxNewTokens(count)
                .build();
        return new GenerationRequest("row", prompt, params, 7, sample);
    }

    @Test
    void samplesAreTheTrialsOfTheReferenceWhereMembranesAreKept() {
        SpikeGptCase golden = SpikeGptCase.load("g2-run", DType.FLOAT32);
        JsonNode trials = golden.expected().get("run_py_trials");
        int[] prompt = SpikeGptCase.ints(trials.get("prompt"));
        int[] first = SpikeGptCase.ints(trials.get("trial_1"));
        int[] second = SpikeGptCase.ints(trials.get("trial_2"));
        SamplerPolicy keeping = Families.all().sampler("spikegpt-run-trials");
        assertThat(SamplingParams.defaults(keeping))
                .isEqualTo(SamplingParams.defaults(SpikeGptSampler.RUN)
                        .change()
                        .policy(keeping)
                        .build());
        try (SpikingModel model = golden.open(folder)) {
            long state = model.config().states(8).bytes(64);
            for (long stateBytes : new long[] {AMPLE, 2 * state}) { // the latter for one row at a time
                for (int batch : new int[] {1, 4}) {
                    List<GenerationRequest> requests = new ArrayList<>();
                    for (int sample : new int[] {1, 0, 2}) {
                        requests.add(trial(prompt, first.length, keeping, sample));
                    }
                    List<Completion> made = complete(model, batch, 8, stateBytes, requests);
                    assertThat(made).extracting(Completion::errorMessage).containsOnlyNulls();
                    assertThat(made.get(0).tokenIds()).isEqualTo(first);
                    assertThat(made.get(1).tokenIds()).isEqualTo(second);
                    assertThat(made.get(2).spikes().positions()).isEqualTo(prompt.length + first.length - 1L);
                }
            }
            Completion restored = complete(
                            model, 1, 8, AMPLE, List.of(trial(prompt, first.length, SpikeGptSampler.RUN, 1)))
                    .getFirst();
            assertThat(restored.tokenIds()).isEqualTo(first);
        }
    }

    @Test
    void aModelOfAnotherFamilyHasNoTrials() {
        SpikeGptSampler keeping = SpikeGptSampler.RUN_TRIALS;
        assertThatThrownBy(() -> SymbolicLightPreset.TINY.config().requirePossible(keeping))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--sampler is spikegpt-run-trials, whose trials continue each other");
        SymbolicLightPreset.TINY.config().requirePossible(SpikeGptSampler.RUN);
    }

    /** Common beginnings, equal prompts and prompts inside others, one by one and at once. */
    @Test
    void aStateThatWasKeptGoesOnWithTheSameBits() {
        int[] trunk = new Random(5).ints(40, 20, 263).toArray();
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            int[] own = new Random(100 + i).ints(i % 4 * 9L, 20, 263).toArray();
            int[] prompt = IntStream.concat(Arrays.stream(trunk, 0, 20 + i % 3 * 10), Arrays.stream(own))
                    .toArray();
            SamplingParams params = SamplingParams.defaults(i % 2 == 0 ? CommonSampler.GREEDY : SpikeGptSampler.RUN)
                    .change()
                    .maxNewTokens(6)
                    .build();
            requests.add(new GenerationRequest("row-" + i, prompt, params, 7, 0));
        }
        try (SpikingModel model = SpikeGptCase.load("g3-learnable", DType.INT8).open(folder)) {
            long[] reused = new long[1];
            Generator.Options alone = new Generator.Options(1, 16, false, AMPLE, 0, 60);
            List<Completion> expected = complete(model, alone, requests, reused);
            assertThat(reused[0]).isZero();
            for (int batch : new int[] {1, 5}) {
                Generator.Options shared = new Generator.Options(batch, 16, false, AMPLE, AMPLE, 60);
                List<Completion> actual = complete(model, shared, requests, reused);
                assertThat(reused[0]).as("batch %d", batch).isGreaterThan(100);
                for (int i = 0; i < expected.size(); i++) {
                    assertThat(actual.get(i).tokenIds())
                            .isEqualTo(expected.get(i).tokenIds());
                    assertThat(actual.get(i).tokenLogprobs())
                            .isEqualTo(expected.get(i).tokenLogprobs());
                    assertThat(actual.get(i).spikes().spikes())
                            .isEqualTo(expected.get(i).spikes().spikes());
                }
            }
        }
    }
}
