package io.spikelet.job.task;

import io.spikelet.engine.telemetry.SpikeStatistics;
import java.util.LinkedHashMap;
import java.util.Map;

/** The columns of named populations; a population that a model does not have leaves its columns null. */
final class FiringColumns {
    private FiringColumns() {}

    /** Shares of all layers. */
    static Map<String, Object> of(SpikeStatistics spikes) {
        Map<String, Object> columns = new LinkedHashMap<>();
        for (String population : new String[] {"encoder", "ffn"}) {
            spikes.rate(population).ifPresent(rate -> columns.put(population + "_firing_rate", rate));
        }
        return columns;
    }

    /** Shares of each layer. */
    static Map<String, Object> byLayer(SpikeStatistics spikes) {
        Map<String, Object> columns = new LinkedHashMap<>();
        for (String population : new String[] {"ffn", "block"}) {
            if (spikes.rate(population).isPresent()) {
                columns.put(population + "_firing_rate_by_layer", spikes.rates(population));
            }
        }
        return columns;
    }
}
