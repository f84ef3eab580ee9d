package io.spikelet.job.action;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ProgressLineTest {
    @Test
    void theTimeLeftFollowsFromTheRowsDone() {
        assertThat(ProgressLine.line("generate", new ProgressLine.Count(250, 3, 12_000), 1000, 20))
                .isEqualTo("generate: 250 of 1,000 rows, 3 failed, 600.0 tokens/s, 1 min 00 s left");
        assertThat(ProgressLine.line("generate", new ProgressLine.Count(999, 0, 1), 1000, 30))
                .endsWith(", 1 s left");
        assertThat(ProgressLine.line("generate", new ProgressLine.Count(1, 0, 1), 1000, 30))
                .endsWith(", 8 h 19 min left");
    }

    @Test
    void noTimeIsSaidToBeLeftBeforeTheJvmIsWarm() {
        assertThat(ProgressLine.line("generate", new ProgressLine.Count(10, 0, 100), 1000, 10))
                .isEqualTo("generate: 10 of 1,000 rows, 0 failed, 10.0 tokens/s");
    }

    @Test
    void rowsThatARetryDoesAgainAreNotMoreThanAll() {
        assertThat(ProgressLine.line("perplexity", new ProgressLine.Count(1100, 0, 0), 1000, 20))
                .isEqualTo("perplexity: 1,000 of 1,000 rows, 0 failed, 0.0 tokens/s, 0 s left");
    }
}
