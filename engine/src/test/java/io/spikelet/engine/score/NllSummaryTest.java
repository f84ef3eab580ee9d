package io.spikelet.engine.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.spikelet.engine.telemetry.OperationCounts;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NllSummaryTest {
    @Test
    void ratiosFollowTheirDefinitions() {
        NllSummary summary = new NllSummary();
        summary.add(100, 100, 400, 80, 300, 1000);
        summary.add(50, 50, 220, 45, 170, 700);

        assertThat(summary.documents()).isEqualTo(2);
        assertThat(summary.scoredTokens()).isEqualTo(150);
        assertThat(summary.bytes()).isEqualTo(620);
        assertThat(summary.words()).isEqualTo(125);
        assertThat(summary.nll()).isEqualTo(470);
        assertThat(summary.perplexity()).isEqualTo(StrictMath.exp(470.0 / 150));
        assertThat(summary.bitsPerByte()).isCloseTo(470 / 620.0 / Math.log(2), within(1e-15));
        assertThat(summary.bytePerplexity()).isEqualTo(StrictMath.exp(470.0 / 620));
        assertThat(summary.wordPerplexity()).isEqualTo(StrictMath.exp(470.0 / 125));
    }

    @Test
    void theStandardErrorIsTheDeltaMethodsOverDocuments() {
        // R = 470 / 150; residuals 300 - 100 R and 170 - 50 R are -13 1/3 and 13 1/3
        NllSummary summary = new NllSummary();
        summary.add(100, 100, 400, 80, 300, 1000);
        summary.add(50, 50, 220, 45, 170, 700);

        double ofRatio = Math.sqrt(2 * (2 * Math.pow(40 / 3.0, 2))) / 150;
        assertThat(summary.standardError()).isCloseTo(summary.perplexity() * ofRatio, within(1e-12));
    }

    @Test
    void theStandardErrorIsTheSpreadOverRepeatedCorpora() {
        Random random = new Random(4);
        int corpora = 400;
        double sum = 0;
        double sumOfSquares = 0;
        double stated = 0;
        for (int corpus = 0; corpus < corpora; corpus++) {
            NllSummary summary = new NllSummary();
            for (int document = 0; document < 200; document++) {
                int tokens = 20 + random.nextInt(200);
                double mean = 3 + 0.4 * random.nextGaussian(); // tokens of a document share it
                summary.add(tokens, tokens, 4L * tokens, tokens, tokens * mean, tokens * mean * mean);
            }
            sum += summary.perplexity();
            sumOfSquares += summary.perplexity() * summary.perplexity();
            stated += summary.standardError() / corpora;
        }
        double spread = Math.sqrt(sumOfSquares / corpora - Math.pow(sum / corpora, 2));
        assertThat(stated).isCloseTo(spread, within(0.1 * spread));
    }

    @Test
    void equalDocumentsHaveNoErrorAndOneHasNoEstimate() {
        NllSummary summary = new NllSummary();
        summary.add(3, 3, 9, 2, 0.1, 0.01);
        assertThat(summary.standardError()).isNaN();
        summary.add(3, 3, 9, 2, 0.1, 0.01);
        assertThat(summary.standardError()).isCloseTo(0, within(1e-12));
    }

    @Test
    void nothingGivesNaN() {
        NllSummary summary = new NllSummary();

        assertThat(summary.nll()).isZero();
        assertThat(summary.perplexity()).isNaN();
        assertThat(summary.bitsPerByte()).isNaN();
        assertThat(summary.standardError()).isNaN();
    }

    @Test
    void anyDistributionOverPartsGivesTheSameState() {
        Random random = new Random(8);
        NllSummary whole = new NllSummary();
        NllSummary[] parts = {new NllSummary(), new NllSummary(), new NllSummary()};
        for (int i = 0; i < 500; i++) {
            int tokens = random.nextInt(3000);
            double nll = tokens * (3 + random.nextGaussian());
            whole.add(tokens, tokens, 4L * tokens, tokens, nll, nll);
            parts[random.nextInt(3)].add(tokens, tokens, 4L * tokens, tokens, nll, nll);
        }
        NllSummary merged = NllSummary.of(parts[2].state());
        merged.merge(parts[0]);
        merged.merge(NllSummary.of(parts[1].state()));

        assertThat(merged.state()).isEqualTo(whole.state());
        assertThat(merged.standardError()).isEqualTo(whole.standardError());
    }

    @Test
    void failedDocumentsAreNotCounted() {
        NllSummary summary = new NllSummary();
        summary.add(DocumentScore.error("a", "block", TextLength.of("text"), "engine_error", "why"));
        summary.add(new DocumentScore(
                "b",
                "block",
                4,
                4,
                4,
                TextLength.of("a b c d"),
                8,
                20,
                SpikeStatistics.none(List.of()),
                OperationCounts.NONE,
                Optional.empty(),
                null,
                null));

        assertThat(summary.documents()).isEqualTo(1);
        assertThat(summary.perplexity()).isEqualTo(StrictMath.exp(2));
        assertThat(summary.bytes()).isEqualTo(7);
        assertThat(summary.words()).isEqualTo(4);
    }

    /** Where documents are joined, some have no token of their own that is scored: they are no sample. */
    @Test
    void aDocumentWithoutScoredTokensGivesNoStandardError() {
        NllSummary summary = new NllSummary();
        summary.add(4, 4, 7, 0, 8, 20);
        summary.add(0, 0, 0, 0, 0, 0);

        assertThat(summary.documents()).isEqualTo(2);
        assertThat(summary.sampledDocuments()).isEqualTo(1);
        assertThat(summary.standardError()).isNaN();
        assertThat(summary.bitsPerByteStandardError()).isNaN();
        assertThat(NllSummary.of(summary.state()).documents()).isEqualTo(2);

        summary.add(4, 4, 7, 0, 10, 30);
        NllSummary without = new NllSummary();
        without.add(4, 4, 7, 0, 8, 20);
        without.add(4, 4, 7, 0, 10, 30);
        assertThat(summary.standardError()).isEqualTo(without.standardError()).isPositive();
    }

    @Test
    void refusesBytesThatAreNoState() {
        assertThatThrownBy(() -> NllSummary.of(new byte[5])).hasMessageContaining("5 bytes");
    }
}
