package io.spikelet.job.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class PartitionPlanTest {
    @Test
    void aWantedNumberIsTaken() {
        assertThat(PartitionPlan.partitions(OptionalInt.of(7), 1, 64, 8)).isEqualTo(7);
    }

    @Test
    void fewRowsMakeNoMorePartitionsThanRows() {
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
    void aTaskTakesABoundedNumberOfRows() {
        assertThat(plan(10_000_000, 4, 8)).isEqualTo(5_000);
    }

    private static int plan(long rows, int cores, int batchSize) {
        return PartitionPlan.partitions(OptionalInt.empty(), rows, cores, batchSize);
    }
}
