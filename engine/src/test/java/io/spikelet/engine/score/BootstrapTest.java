package io.spikelet.engine.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BootstrapTest {
    /** A document: tokens and nll, whose tokens share a mean. */
    private record Document(String id, int tokens, double nll) {}

    private static List<Document> documents(Random random, int count) {
        List<Document> documents = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int tokens = 20 + random.nextInt(200);
            documents.add(new Document("document-" + i, tokens, tokens * (3 + 0.4 * random.nextGaussian())));
        }
        return documents;
    }

    private static Bootstrap bootstrap(List<Document> documents, long seed) {
        Bootstrap bootstrap = new Bootstrap(seed, Bootstrap.DEFAULT_REPLICATES, 2);
        documents.forEach(document -> bootstrap.add(document.id(), document.nll(), document.tokens()));
        return bootstrap;
    }

    private static double perplexity(double[] totals) {
        return Math.exp(totals[0] / totals[1]);
    }

    private static NllSummary summary(List<Document> documents) {
        NllSummary summary = new NllSummary();
        documents.forEach(d -> summary.add(d.tokens(), d.tokens(), 4L * d.tokens(), d.tokens(), d.nll(), 0));
        return summary;
    }

    @Test
    void agreesWithTheDeltaMethodOnALargeGroup() {
        List<Document> documents = documents(new Random(5), 2000);
        NllSummary summary = summary(documents);
        Bootstrap.Interval interval = bootstrap(documents, 1).interval(BootstrapTest::perplexity);

        double delta = summary.standardError();
        assertThat(interval.standardError()).isCloseTo(delta, within(0.1 * delta));
        double width = 2 * 1.959964 * delta;
        assertThat(interval.high() - interval.low()).isCloseTo(width, within(0.1 * width));
        assertThat(interval.low()).isLessThan(summary.perplexity());
        assertThat(interval.high()).isGreaterThan(summary.perplexity());
    }

    @Test
    void agreesWithTheDeltaMethodOfBitsPerByteAndOfAnAccuracy() {
        Random random = new Random(6);
        Bootstrap bootstrap = new Bootstrap(3, Bootstrap.DEFAULT_REPLICATES, 4);
        RatioSums bits = new RatioSums();
        RatioSums accuracy = new RatioSums();
        for (int i = 0; i < 3000; i++) {
            double bytes = 50 + random.nextInt(900);
            double nll = bytes * (0.7 + 0.1 * random.nextGaussian());
            double right = random.nextDouble() < 0.3 ? 1 : 0;
            bootstrap.add("row-" + i, nll, bytes, right, 1);
            bits.add(nll, bytes);
            accuracy.add(right, 1);
        }
        double ofBits = bootstrap.interval(totals -> totals[0] / totals[1]).standardError();
        double ofAccuracy = bootstrap.interval(totals -> totals[2] / totals[3]).standardError();

        assertThat(ofBits).isCloseTo(bits.standardError(), within(0.1 * bits.standardError()));
        assertThat(ofAccuracy).isCloseTo(accuracy.standardError(), within(0.1 * accuracy.standardError()));
        // of a mean of ones and zeros the delta method is the sample's deviation over the root of n
        double p = accuracy.ratio();
        assertThat(accuracy.standardError()).isCloseTo(Math.sqrt(p * (1 - p) / 2999), within(1e-12));
    }

    @Test
    void bothIntervalsCoverTheTruthAsOftenAsTheySay() {
        Random random = new Random(20261);
        int corpora = 600;
        int byDelta = 0;
        int byBootstrap = 0;
        double truth = Math.exp(3); // tokens and means are independent
        for (int corpus = 0; corpus < corpora; corpus++) {
            List<Document> documents = documents(random, 120);
            NllSummary summary = summary(documents);
            Bootstrap.Interval interval = bootstrap(documents, corpus).interval(BootstrapTest::perplexity);
            byDelta += Math.abs(summary.perplexity() - truth) <= 1.959964 * summary.standardError() ? 1 : 0;
            byBootstrap += interval.low() <= truth && truth <= interval.high() ? 1 : 0;
        }
        System.out.printf(
                "coverage of 95%% intervals over %d corpora, seed 20261: delta %.3f, bootstrap %.3f%n",
                corpora, byDelta / (double) corpora, byBootstrap / (double) corpora);
        assertThat(byDelta / (double) corpora).isBetween(0.925, 0.975);
        assertThat(byBootstrap / (double) corpora).isBetween(0.925, 0.975);
    }

    @Test
    void neitherOrderNorPartsShowInTheBits() {
        List<Document> documents = documents(new Random(9), 300);
        byte[] expected = bootstrap(documents, 42).state();
        for (int parts : new int[] {1, 2, 7}) {
            List<Document> shuffled = new ArrayList<>(documents);
            Collections.shuffle(shuffled, new Random(parts));
            Bootstrap merged = new Bootstrap(42, Bootstrap.DEFAULT_REPLICATES, 2);
            for (int part = 0; part < parts; part++) {
                List<Document> some = new ArrayList<>();
                for (int i = part; i < shuffled.size(); i += parts) {
                    some.add(shuffled.get(i));
                }
                merged.merge(Bootstrap.of(bootstrap(some, 42).state()));
            }
            assertThat(merged.state()).isEqualTo(expected);
        }
        assertThat(bootstrap(documents, 43).state()).isNotEqualTo(expected);
    }

    @Test
    void unitsCountLikePoissonVariablesOfMeanOne() {
        Bootstrap bootstrap = new Bootstrap(8, 1000, 1);
        for (int unit = 0; unit < 50; unit++) {
            bootstrap.add("unit " + unit, 1);
        }
        Bootstrap.Interval counts = bootstrap.interval(totals -> totals[0]);
        double mean = java.util.Arrays.stream(bootstrap.replicates(totals -> totals[0]))
                .average()
                .orElseThrow();
        assertThat(mean).isCloseTo(50, within(1.0));
        assertThat(counts.standardError()).isCloseTo(Math.sqrt(50), within(0.07 * Math.sqrt(50)));
    }

    @Test
    void tooLittleGivesNoInterval() {
        Bootstrap one = new Bootstrap(1, 100, 1);
        one.add("only", 3);
        assertThat(one.interval(totals -> totals[0]).standardError()).isNaN();
        Bootstrap none = new Bootstrap(1, 0, 1);
        none.add("a", 3);
        none.add("b", 3);
        assertThat(none.interval(totals -> totals[0]).low()).isNaN();
    }

    @Test
    void refusesWhatDoesNotFit() {
        Bootstrap bootstrap = new Bootstrap(1, 10, 2);
        assertThatThrownBy(() -> bootstrap.add("a", 1)).hasMessageContaining("1 values for 2");
        assertThatThrownBy(() -> bootstrap.merge(new Bootstrap(2, 10, 2))).hasMessageContaining("seeds");
        assertThatThrownBy(() -> Bootstrap.of(new byte[7])).hasMessageContaining("7 bytes");
        assertThatThrownBy(() -> Bootstrap.of(new byte[40])).hasMessageContaining("40 bytes");
    }
}
