package io.spikelet.job.executor;

import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A reading of a {@link ExecutorMetrics}, or of several combined: sums by name, 0 for those that are not in it. The names are
 * {@link #METRICS}, with firing rates times the tokens of their rows, and {@link #MEASURED_TOKENS}. Immutable.
 */
record MeterReading(Map<String, Double> sums) implements Serializable {
    /** Of rows whose firing rates are known. */
    static final String MEASURED_TOKENS = "measuredTokens";

    /** Names under which Spark publishes the metrics; reused tokens are those of prompts taken over from other rows. */
    static final List<String> METRICS = List.of(
            "rows", // that ended, those that failed included
            "failedRows",
            "tokens",
            "reusedTokens",
            "encoderFiringRate",
            "ffnFiringRate",
            "modelHits", // leases of a model that was open
            "modelLoads",
            "modelDownloads", // of the models opened, those that were copied to the node first
            "modelLoadMillis"); // downloads included

    static final MeterReading ZERO = new MeterReading(Map.of());

    MeterReading plus(MeterReading other) {
        HashMap<String, Double> all = new HashMap<>(sums);
        other.sums.forEach((name, sum) -> all.merge(name, sum, Double::sum));
        return new MeterReading(all);
    }

    /** The value of a metric: of firing rates the mean of a token. */
    double metric(String name) {
        double sum = sums.getOrDefault(name, 0.0);
        return sum != 0 && name.endsWith("FiringRate") ? sum / sums.get(MEASURED_TOKENS) : sum;
    }
}
