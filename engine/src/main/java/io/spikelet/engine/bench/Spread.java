package io.spikelet.engine.bench;

import java.util.Arrays;

/** Median, smallest and largest of repeated measurements. */
public record Spread(double median, double min, double max) {
    /** The spread of at least one sample; the median of an even number is the mean of the middle two. */
    public static Spread of(double... samples) {
        if (samples.length == 0) {
            throw new IllegalArgumentException("a spread needs at least one sample");
        }
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }
}
