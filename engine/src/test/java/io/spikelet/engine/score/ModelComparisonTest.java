package io.spikelet.engine.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.spikelet.engine.ByteTokenizer;
import io.spikelet.engine.GoldenCase;
import io.spikelet.engine.GoldenCase.Weights;
import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.model.SpikingModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelComparisonTest {
    private static final ByteTokenizer TOKENIZER = new ByteTokenizer();
    private static final DocumentProtocol PROTOCOL = new DocumentProtocol(24, 9);
    private static final ScoringDocument DOCUMENT =
            new ScoringDocument("d", "a document of some length, longer than é windows");

    @TempDir
    Path folder;

    private static Comparison compare(SpikingModel model, SpikingModel baseline, int columns) {
        try (ModelComparison comparison =
                new ModelComparison(model, baseline, TOKENIZER, PROTOCOL, columns, Double.POSITIVE_INFINITY, 1)) {
            return comparison.compare(DOCUMENT);
        }
    }

    /** Probabilities of every scored position, window by window. */
    private static double[][] distributions(SpikingModel model, int[] sequence) {
        double[][] all = new double[sequence.length - 1][];
        try (Decoder decoder = new Decoder(model, 1)) {
            for (Window window : PROTOCOL.windows(sequence.length)) {
                DecoderState state = decoder.allocate(window.positions());
                for (int i = window.begin(); i < window.end(); i++) {
                    decoder.clear();
                    int offset = decoder.logitsOffset(decoder.add(state, sequence[i], true));
                    decoder.run();
                    if (i + 1 >= window.scoreFrom()) {
                        double[] p = new double[decoder.vocabulary()];
                        for (int id = 0; id < p.length; id++) {
                            p[id] = StrictMath.exp(decoder.logits()[offset + id]);
                        }
                        double sum = Arrays.stream(p).sum();
                        all[i] = Arrays.stream(p).map(x -> x / sum).toArray();
                    }
                }
            }
        }
        return all;
    }

    @Test
    void everyNumberFollowsFromTheTwoDistributions() {
        GoldenCase golden = GoldenCase.load("c1-tiny-08b");
        try (SpikingModel model = golden.open(folder, Weights.INT8);
                SpikingModel baseline = golden.open(folder, Weights.FP32)) {
            Comparison found = compare(model, baseline, 16);
            int[] ids = TOKENIZER.encode(DOCUMENT.text());
            int[] sequence = new int[ids.length + 1];
            sequence[0] = TOKENIZER.bosId();
            System.arraycopy(ids, 0, sequence, 1, ids.length);
            double[][] q = distributions(model, sequence);
            double[][] p = distributions(baseline, sequence);
            long same = 0;
            double divergence = 0;
            for (int i = 0; i < ids.length; i++) {
                assertThat(found.positions()[i]).isEqualTo(i);
                assertThat(found.tokenIds()[i]).isEqualTo(ids[i]);
                assertThat(found.nlls()[i]).isCloseTo(-Math.log(q[i][ids[i]]), within(1e-9));
                assertThat(found.baselineNlls()[i]).isCloseTo(-Math.log(p[i][ids[i]]), within(1e-9));
                double expected = 0;
                int topP = 0;
                int topQ = 0;
                for (int id = 0; id < p[i].length; id++) {
                    expected += p[i][id] * Math.log(p[i][id] / q[i][id]);
                    topP = p[i][id] > p[i][topP] ? id : topP;
                    topQ = q[i][id] > q[i][topQ] ? id : topQ;
                }
                assertThat(found.divergences()[i])
                        .isCloseTo(expected, within(1e-9))
                        .isPositive();
                assertThat(found.sameTops()[i]).isEqualTo(topP == topQ);
                same += topP == topQ ? 1 : 0;
                divergence += expected;
            }
            assertThat(found.sameTop()).isEqualTo(same);
            assertThat(found.divergence()).isCloseTo(divergence, within(1e-8));
        }
    }

    @Test
    void aModelComparedWithItselfHasADivergenceOfExactlyZero() {
        for (String name : GoldenCase.NAMES) {
            try (SpikingModel model = GoldenCase.load(name).open(folder, Weights.INT8_EMBEDDING)) {
                Comparison same = compare(model, model, 7);
                assertThat(same.divergences()).hasSizeGreaterThan(40).containsOnly(0.0);
                assertThat(same.sameTops()).containsOnly(true);
                assertThat(same.nll()).isEqualTo(same.baselineNll()).isPositive();
            }
        }
    }

    @Test
    void theNumbersDoNotDependOnThePasses() {
        GoldenCase golden = GoldenCase.load("c2-tiny-194m");
        try (SpikingModel model = golden.open(folder, Weights.INT8);
                SpikingModel baseline = golden.open(folder, Weights.FP32)) {
            Comparison expected = compare(model, baseline, 1);
            for (int columns : new int[] {5, 64}) {
                Comparison found = compare(model, baseline, columns);
                assertThat(found.divergences()).isEqualTo(expected.divergences());
                assertThat(found.nlls()).isEqualTo(expected.nlls());
                assertThat(found.baselineNlls()).isEqualTo(expected.baselineNlls());
            }
        }
    }

    @Test
    void documentsThatCannotBeComparedAreErrors() {
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.FP32);
                ModelComparison comparison = new ModelComparison(model, model, TOKENIZER, PROTOCOL, 8, 1e-9, 1)) {
            List<String> errors = List.of(
                    comparison.compare(null).errorClass(),
                    comparison.compare(new ScoringDocument("a", null)).errorClass(),
                    comparison.compare(new ScoringDocument("a", "")).errorClass(),
                    comparison.compare(DOCUMENT).errorClass());
            assertThat(errors).containsExactly("null_input", "null_input", "empty_input", "timeout");
            assertThatThrownBy(() -> new ModelComparison(model, model, new ByteTokenizer(100_000), PROTOCOL, 8, 1, 1))
                    .hasMessageContaining("100000");
        }
    }
}
