package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import org.junit.jupiter.api.Test;

final class BenchScoringCommandTest extends SparkTest {
    @Test
    void statesTheJobsSpeedAsAShareOfTheEngines() {
        Invocation invocation = Invocation.of(
                "bench-scoring", "--model", model().toString(), "--documents", "2", "--document-tokens", "20");

        assertThat(invocation.status()).as(invocation.err()).isZero();
        assertThat(invocation.out()).containsPattern("perplexity +[0-9.]+ tokens/s +[0-9.]+ of it");
        assertThat(invocation.out()).containsPattern("perplexity --emit-tokens +[0-9.]+ tokens/s +[0-9.]+ of it");
    }

    @Test
    void nothingToScoreIsRefused() {
        Invocation invocation = Invocation.of("bench-scoring", "--model", model().toString(), "--documents", "0");

        assertThat(invocation.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(invocation.err()).contains("--documents is 0");
    }
}
