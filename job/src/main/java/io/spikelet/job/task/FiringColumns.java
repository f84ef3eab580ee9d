package io.spikelet.job.task;

import io.spikelet.engine.telemetry.OperationCounts;
import io.spikelet.engine.telemetry.Population;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * The columns of firing rates and operations. Some populations have columns of their own, which are null for a model
 * without them; all others are in a list by name.
 */
final class FiringColumns {
    private static final List<String> OF_THEIR_OWN = List.of("encoder", "ffn", "block");
    private static final double PICO_PER_MICRO = 1e6;

    private FiringColumns() {}

    /** Shares of all layers. */
    static Map<String, Object> of(SpikeStatistics spikes) {
        Map<String, Object> columns = new HashMap<>();
        for (String population : List.of("encoder", "ffn")) {
            spikes.rate(population).ifPresent(rate -> columns.put(population + "_firing_rate", rate));
        }
        List<Row> others = new ArrayList<>();
        for (Population population : spikes.populations()) {
            if (!OF_THEIR_OWN.contains(population.name())) {
                others.add(RowFactory.create(
                        population.name(), spikes.rate(population.name()).orElseThrow()));
            }
        }
        putUnlessEmpty(columns, "firing_rates", others);
        return columns;
    }

    /** Shares of each layer. */
    static Map<String, Object> byLayer(SpikeStatistics spikes) {
        Map<String, Object> columns = new HashMap<>();
        for (String population : List.of("ffn", "block")) {
            if (spikes.rate(population).isPresent()) {
                columns.put(population + "_firing_rate_by_layer", spikes.rates(population));
            }
        }
        List<Row> others = new ArrayList<>();
        for (Population population : spikes.populations()) {
            if (!OF_THEIR_OWN.contains(population.name())) {
                others.add(RowFactory.create(population.name(), spikes.rates(population.name())));
            }
        }
        putUnlessEmpty(columns, "firing_rates_by_layer", others);
        return columns;
    }

    /** Operations and the estimate of their energy. */
    static Map<String, Object> of(OperationCounts operations) {
        Map<String, Object> columns = new HashMap<>();
        columns.put("accumulates", counts(operations.accumulates()));
        columns.put("multiply_adds", counts(operations.multiplyAdds()));
        columns.put("dense_multiply_adds", operations.denseMultiplyAdds());
        columns.put("energy_microjoules", operations.energyPicojoules() / PICO_PER_MICRO);
        columns.put("dense_energy_microjoules", operations.denseEnergyPicojoules() / PICO_PER_MICRO);
        return columns;
    }

    private static Row[] counts(Map<String, Long> byProduct) {
        return byProduct.entrySet().stream()
                .map(product -> RowFactory.create(product.getKey(), product.getValue()))
                .toArray(Row[]::new);
    }

    private static void putUnlessEmpty(Map<String, Object> columns, String name, List<Row> rows) {
        if (!rows.isEmpty()) {
            columns.put(name, rows.toArray(Row[]::new));
        }
    }
}
