package io.spikelet.job.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.telemetry.OperationCounts;
import io.spikelet.engine.telemetry.Population;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;

final class FiringColumnsTest {
    @Test
    void populationsWithColumnsOfTheirOwnFillThemAndNoList() {
        SpikeStatistics spikes = new SpikeStatistics(
                2,
                List.of(new Population("encoder", 1, 4), new Population("ffn", 2, 8), new Population("block", 2, 4)),
                new long[] {2, 4, 8, 8, 0});
        assertThat(FiringColumns.of(spikes)).isEqualTo(Map.of("encoder_firing_rate", 0.25, "ffn_firing_rate", 0.375));
        assertThat(FiringColumns.byLayer(spikes))
                .containsOnlyKeys("ffn_firing_rate_by_layer", "block_firing_rate_by_layer")
                .containsEntry("block_firing_rate_by_layer", new double[] {1, 0});
    }

    @Test
    void thoseOfOtherModelsStandInAListByName() {
        SpikeStatistics spikes = new SpikeStatistics(
                1, List.of(new Population("q", 2, 4), new Population("ffn", 1, 2)), new long[] {1, 3, 1});
        Map<String, Object> columns = FiringColumns.of(spikes);
        assertThat(columns).containsOnlyKeys("ffn_firing_rate", "firing_rates");
        assertThat((Row[]) columns.get("firing_rates")).containsExactly(RowFactory.create("q", 0.5));
        Map<String, Object> byLayer = FiringColumns.byLayer(spikes);
        assertThat(byLayer).containsOnlyKeys("ffn_firing_rate_by_layer", "firing_rates_by_layer");
        Row[] layers = (Row[]) byLayer.get("firing_rates_by_layer");
        assertThat(layers).hasSize(1);
        assertThat(layers[0].getString(0)).isEqualTo("q");
        assertThat((double[]) layers[0].get(1)).containsExactly(0.25, 0.75);
    }

    @Test
    void energyIsAnEstimateFromTheCounts() {
        OperationCounts operations =
                new OperationCounts(Map.of("fc2", 3_000_000L), Map.of("head", 2_000_000L), 10_000_000);
        Map<String, Object> columns = FiringColumns.of(operations);
        assertThat((Row[]) columns.get("accumulates")).containsExactly(RowFactory.create("fc2", 3_000_000L));
        assertThat((Row[]) columns.get("multiply_adds")).containsExactly(RowFactory.create("head", 2_000_000L));
        assertThat(columns.get("dense_multiply_adds")).isEqualTo(10_000_000L);
        assertThat((double) columns.get("energy_microjoules")).isEqualTo((0.9 * 3_000_000 + 4.6 * 2_000_000) / 1e6);
        assertThat((double) columns.get("dense_energy_microjoules")).isEqualTo(46.0);
    }
}
