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
    void shardsOfLongRowsArePlannedToTakeAMinuteAndAHalf() {
        assertThat(ShardCount.of(OptionalInt.empty(), 1_000, 2, 8, 9_000)).isEqualTo(100);
        assertThat(ShardCount.of(OptionalInt.empty(), 50, 2, 8, 9_000)).isEqualTo(50);
    }

    @Test
    void quickRowsMakeShardsOfThousandsOfRowsOnceEveryCoreIsBusy() {
        double seconds = ShardCount.seconds(5_000_000L * 20, 1 << 20);

        assertThat(5_000_000 / ShardCount.of(OptionalInt.empty(), 5_000_000, 2, 64, seconds))
                .isBetween(2_000, ShardCount.MOST_ROWS);
    }

    @Test
    void aShardHasTwoThousandRowsOnceEveryCoreIsBusyUnlessTheseTakeMoreThanTwoMinutes() {
        for (int cores : new int[] {1, 2, 64}) {
            for (long rows : new long[] {3, 500, 2_000, 9_999, 123_457, 5_000_000}) {
                for (double secondsOfRow : new double[] {1e-5, 0.01, 0.0449, 0.0451, 0.059, 0.061, 0.5, 30, 500}) {
                    int shards = ShardCount.of(OptionalInt.empty(), rows, cores, 8, rows * secondsOfRow);
                    if (shards <= cores * ShardCount.WAVES || shards == 1_000_000) {
                        continue;
                    }
                    double rowsOfShard = (double) rows / shards;
                    long byRows = rows / ShardCount.LEAST_ROWS;
                    assertThat(rowsOfShard * secondsOfRow)
                            .as("seconds of a shard of %d rows of %s s on %d cores", rows, secondsOfRow, cores)
                            .isLessThanOrEqualTo(Math.max(secondsOfRow, ShardCount.MOST_SECONDS) + 1e-6);
                    if (byRows > 0 && rows * secondsOfRow / byRows <= ShardCount.MOST_SECONDS) {
                        assertThat(rowsOfShard)
                                .as("rows of a shard of %d rows of %s s on %d cores", rows, secondsOfRow, cores)
                                .isGreaterThanOrEqualTo(ShardCount.LEAST_ROWS);
                    }
                }
            }
        }
        assertThat(ShardCount.of(OptionalInt.empty(), 100_000, 2, 8, 5_000)).isEqualTo(50);
    }

    private static int plan(long rows, int cores, int batchSize) {
        return ShardCount.of(OptionalInt.empty(), rows, cores, batchSize, 0);
    }
}
