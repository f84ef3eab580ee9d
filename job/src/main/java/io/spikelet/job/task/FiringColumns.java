package io.spikelet.job.task;

import io.spikelet.engine.telemetry.OperationCounts;
import io.spikelet.engine.telemetry.Population;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
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
        putOthers(columns, "firing_rates", spikes, name -> spikes.rate(name).orElseThrow());
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
        putOthers(columns, "firing_rates_by_layer", spikes, spikes::rates);
        return columns;
    }

    /** Operations and the estimate of their energy. */
    static Map<String, Object> of(OperationCounts operations) {
        return of(operations, "");
    }

    /** @param prefix of the names of the columns */
    static Map<String, Object> of(OperationCounts operations, String prefix) {
        Map<String, Object> columns = new HashMap<>();
        columns.put(prefix + "accumulates", counts(operations.accumulates()));
        columns.put(prefix + "multiply_adds", counts(operations.multiplyAdds()));
        columns.put(prefix + "dense_multiply_adds", operations.denseMultiplyAdds());
        columns.put(prefix + "energy_microjoules", operations.energyPicojoules() / PICO_PER_MICRO);
        columns.put(prefix + "dense_energy_microjoules", operations.denseEnergyPicojoules() / PICO_PER_MICRO);
        return columns;
    }

    private static Row[] counts(Map<String, Long> byProduct) {
        return byProduct.entrySet().stream()
                .map(product -> RowFactory.create(product.getKey(), product.getValue()))
                .toArray(Row[]::new);
    }

    private static void putOthers(
            Map<String, Object> columns, String column, SpikeStatistics spikes, Function<String, Object> value) {
        Row[] others = spikes.populations().stream()
                .map(Population::name)
                .filter(name -> !OF_THEIR_OWN.contains(name))
                .map(name -> RowFactory.create(name, value.apply(name)))
                .toArray(Row[]::new);
        if (others.length > 0) {
            columns.put(column, others);
        }
    }
}
