package io.spikelet.engine.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SpikeStatisticsTest {
    /** 5 positions of two layers of 8 and 20 units. */
    private static SpikeStatistics some() {
        return new SpikeStatistics(5, 8, 20, 4, new long[] {10, 30}, new long[] {6, 40});
    }

    @Test
    void ratesAreSharesOfUnitsAndPositions() {
        assertThat(some().encoderRate()).isEqualTo(4 / 40.0);
        assertThat(some().ffnRates()).containsExactly(10 / 100.0, 30 / 100.0);
        assertThat(some().ffnRate()).isEqualTo(40 / 200.0);
        assertThat(some().blockRate(0)).isEqualTo(6 / 40.0);
        assertThat(some().blockRate(1)).isEqualTo(1);
        assertThat(some().blockRates()).containsExactly(6 / 40.0, 1);
    }

    @Test
    void everySpikeButThoseOfTheLastBlockReadsOneWeightRow() {
        assertThat(some().weightRows()).isEqualTo(5 * 2 * (8 + 20));
        assertThat(some().weightRowsRead()).isEqualTo(4 + 6 + 10 + 30);
        assertThat(some().weightRowsSkipped()).isEqualTo(280 - 50);
    }

    @Test
    void mergingAddsCountsAndLeavesBothAsTheyWere() {
        SpikeStatistics one = some();
        SpikeStatistics other = new SpikeStatistics(1, 8, 20, 8, new long[] {20, 0}, new long[] {0, 1});
        SpikeStatistics both = one.merge(other);
        assertThat(both.positions()).isEqualTo(6);
        assertThat(both.encoderSpikes()).isEqualTo(12);
        assertThat(both.ffnSpikes()).containsExactly(30, 30);
        assertThat(both.blockSpikes()).containsExactly(6, 41);
        assertThat(one.ffnSpikes()).containsExactly(10, 30);
        assertThat(other.blockSpikes()).containsExactly(0, 1);
        assertThat(SpikeStatistics.none(2, 8, 20).merge(one).weightRowsSkipped())
                .isEqualTo(one.weightRowsSkipped());
    }

    @Test
    void withoutPositionsRatesAreZero() {
        SpikeStatistics none = SpikeStatistics.none(2, 8, 20);
        assertThat(none.encoderRate()).isZero();
        assertThat(none.ffnRates()).containsExactly(0, 0);
        assertThat(none.weightRowsSkipped()).isZero();
    }

    @Test
    void refusesToMergeModelsOfDifferentShapes() {
        assertThatThrownBy(() -> some().merge(SpikeStatistics.none(3, 8, 20))).hasMessageContaining("3 layers");
        assertThatThrownBy(() -> some().merge(SpikeStatistics.none(2, 9, 20))).hasMessageContaining("9");
        assertThatThrownBy(() -> some().merge(SpikeStatistics.none(2, 8, 21))).hasMessageContaining("21");
    }
}
