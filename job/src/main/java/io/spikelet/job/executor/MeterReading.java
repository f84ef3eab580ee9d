package io.spikelet.job.executor;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * A reading of a {@link ExecutorMetrics}, or of several combined. Immutable.
 *
 * @param rows that ended, those that failed included
 * @param reusedTokens tokens of prompts that were taken over from other rows
 * @param measuredTokens tokens of rows whose firing rates are known
 * @param encoderFirings encoder firing rates of the rows, times their tokens
 * @param ffnFirings the same of the feed-forward layers
 * @param modelHits leases of a model that was open
 * @param modelLoads models opened
 * @param modelDownloads of these copied to the node first
 * @param modelLoadMillis time for the loads, downloads included
 */
record MeterReading(
        long rows,
        long failedRows,
        long tokens,
        long reusedTokens,
        long measuredTokens,
        double encoderFirings,
        double ffnFirings,
        long modelHits,
        long modelLoads,
        long modelDownloads,
        double modelLoadMillis)
        implements Serializable {
    static final MeterReading ZERO = new MeterReading(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    MeterReading plus(MeterReading other) {
        return new MeterReading(
                rows + other.rows,
                failedRows + other.failedRows,
                tokens + other.tokens,
                reusedTokens + other.reusedTokens,
                measuredTokens + other.measuredTokens,
                encoderFirings + other.encoderFirings,
                ffnFirings + other.ffnFirings,
                modelHits + other.modelHits,
                modelLoads + other.modelLoads,
                modelDownloads + other.modelDownloads,
                modelLoadMillis + other.modelLoadMillis);
    }

    /** The metrics by the names under which Spark publishes them. */
    static Map<String, ToDoubleFunction<MeterReading>> metrics() {
        Map<String, ToDoubleFunction<MeterReading>> metrics = new LinkedHashMap<>();
        metrics.put("rows", MeterReading::rows);
        metrics.put("failedRows", MeterReading::failedRows);
        metrics.put("tokens", MeterReading::tokens);
        metrics.put("reusedTokens", MeterReading::reusedTokens);
        metrics.put("encoderFiringRate", reading -> reading.perToken(reading.encoderFirings));
        metrics.put("ffnFiringRate", reading -> reading.perToken(reading.ffnFirings));
        metrics.put("modelHits", MeterReading::modelHits);
        metrics.put("modelLoads", MeterReading::modelLoads);
        metrics.put("modelDownloads", MeterReading::modelDownloads);
        metrics.put("modelLoadMillis", MeterReading::modelLoadMillis);
        return metrics;
    }

    private double perToken(double sum) {
        return measuredTokens == 0 ? 0 : sum / measuredTokens;
    }
}
