package io.spikelet.engine.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpikeStatisticsTest {
    private static final List<Population> POPULATIONS = populations(2, 8, 20);

    private static List<Population> populations(int layers, long width, long units) {
        return List.of(
                new Population("encoder", 1, width),
                new Population("ffn", layers, units),
                new Population("block", layers, width));
    }

    /** 5 positions of two layers of 8 and 20 units. */
    private static SpikeStatistics some() {
        return new SpikeStatistics(5, POPULATIONS, new long[] {4, 10, 30, 6, 40});
    }

    @Test
    void ratesAreSharesOfUnitsAndPositions() {
        assertThat(some().rate("encoder")).hasValue(4 / 40.0);
        assertThat(some().rates("ffn")).containsExactly(10 / 100.0, 30 / 100.0);
        assertThat(some().rate("ffn")).hasValue(40 / 200.0);
        assertThat(some().rates("block")).containsExactly(6 / 40.0, 1);
        assertThat(some().count("block", 1)).isEqualTo(40);
    }

    @Test
    void aPopulationThatAModelDoesNotHaveHasNoRate() {
        assertThat(some().rate("scores")).isEmpty();
        assertThat(some().rates("scores")).isEmpty();
        assertThatThrownBy(() -> some().count("scores", 0)).hasMessageContainingAll("scores", "encoder", "ffn");
    }

    @Test
    void mergingAddsCountsAndLeavesBothAsTheyWere() {
        SpikeStatistics one = some();
        SpikeStatistics other = new SpikeStatistics(1, POPULATIONS, new long[] {8, 20, 0, 0, 1});
        SpikeStatistics both = one.merge(other);
        assertThat(both.positions()).isEqualTo(6);
        assertThat(both.spikes()).containsExactly(12, 30, 30, 6, 41);
        assertThat(one.spikes()).containsExactly(4, 10, 30, 6, 40);
        assertThat(other.spikes()).containsExactly(8, 20, 0, 0, 1);
        SpikeStatistics back = both.minus(other);
        assertThat(back.positions()).isEqualTo(5);
        assertThat(back.spikes()).isEqualTo(one.spikes());
    }

    @Test
    void withoutPositionsRatesAreZero() {
        SpikeStatistics none = SpikeStatistics.none(POPULATIONS);
        assertThat(none.rate("encoder")).hasValue(0);
        assertThat(none.rates("ffn")).containsExactly(0, 0);
    }

    @Test
    void refusesToMergeModelsOfDifferentShapes() {
        for (List<Population> other : List.of(populations(3, 8, 20), populations(2, 9, 20), populations(2, 8, 21))) {
            assertThatThrownBy(() -> some().merge(SpikeStatistics.none(other)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(other.toString());
        }
    }
}
