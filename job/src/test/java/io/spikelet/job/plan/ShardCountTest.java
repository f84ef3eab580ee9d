package io.spikelet.job.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class ShardCountTest {
    @Test
    void aWantedNumberIsTaken() {
        assertThat(ShardCount.of(OptionalInt.of(7), 1, 64, 8, 0)).isEqualTo(7);
    }

    @Test
    void fewRowsMakeNoMoreShardsThanRows() {
        assertThat(plan(0, 4, 8)).isEqualTo(1);
        assertThat(plan(1, 4, 8)).isEqualTo(1);
        assertThat(plan(3, 4, 8)).isEqualTo(3);
    }

    @Test
    void everyCoreHasWorkBeforeBatchesAreFull() {
        assertThat(plan(10, 4, 8)).isEqualTo(4);
    }

    @Test
    void manyRowsMakeSeveralWavesOfFullBatches() {
        assertThat(plan(80, 4, 8)).isEqualTo(10);
        assertThat(plan(1_000, 4, 8)).isEqualTo(16);
    }

    @Test
    void aShardHasABoundedNumberOfRows() {
        assertThat(plan(10_000_000, 4, 8)).isEqualTo(500);
    }

    @Test
    void noShardIsPlannedToTakeLongerThanAMinuteAndAHalf() {
        assertThat(ShardCount.of(OptionalInt.empty(), 1_000, 2, 8, 9_000)).isEqualTo(100);
        assertThat(ShardCount.of(OptionalInt.empty(), 50, 2, 8, 9_000)).isEqualTo(50);
    }

    @Test
    void quickRowsMakeShardsOfThousandsOfRowsOnceEveryCoreIsBusy() {
        double seconds = ShardCount.seconds(5_000_000L * 20, 1 << 20);

        assertThat(5_000_000 / ShardCount.of(OptionalInt.empty(), 5_000_000, 2, 64, seconds))
                .isBetween(2_000, ShardCount.MOST_ROWS);
    }

    private static int plan(long rows, int cores, int batchSize) {
        return ShardCount.of(OptionalInt.empty(), rows, cores, batchSize, 0);
    }
}
