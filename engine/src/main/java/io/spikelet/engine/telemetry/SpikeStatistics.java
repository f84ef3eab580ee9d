package io.spikelet.engine.telemetry;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Spike counts over some positions of one model, by population. All rates are between 0 and 1; without positions they
 * are 0.
 *
 * <p>Immutable.
 *
 * @param positions positions decoded
 * @param populations of the model, in the model's order
 * @param spikes {@code [populations][layers of each]}, one after the other
 */
@SuppressWarnings("ArrayRecordComponent") // read by layer, never compared
public record SpikeStatistics(long positions, List<Population> populations, long[] spikes) {
    public SpikeStatistics {
        populations = List.copyOf(populations);
        if (spikes.length != groups(populations)) {
            throw new IllegalArgumentException(
                    spikes.length + " counts for populations of " + groups(populations) + " layers");
        }
    }

    /** Statistics without positions. */
    public static SpikeStatistics none(List<Population> populations) {
        return new SpikeStatistics(0, populations, new long[groups(populations)]);
    }

    /** Number of counts that a state with these populations needs. */
    public static int groups(List<Population> populations) {
        return populations.stream().mapToInt(Population::layers).sum();
    }

    /**
     * The statistics of these positions and those of {@code other}.
     *
     * @throws IllegalArgumentException if it has other populations
     */
    public SpikeStatistics merge(SpikeStatistics other) {
        return combine(other, 1);
    }

    /**
     * The statistics of these positions without those of {@code part}.
     *
     * @throws IllegalArgumentException if it has other populations
     */
    public SpikeStatistics minus(SpikeStatistics part) {
        return combine(part, -1);
    }

    private SpikeStatistics combine(SpikeStatistics other, int sign) {
        if (!other.populations.equals(populations)) {
            throw new IllegalArgumentException(
                    "statistics of " + other.populations + " cannot be merged into those of " + populations);
        }
        long[] sums = spikes.clone();
        for (int i = 0; i < sums.length; i++) {
            sums[i] += sign * other.spikes[i];
        }
        return new SpikeStatistics(positions + sign * other.positions, populations, sums);
    }

    /** Spikes of one layer of a population. */
    public long count(String population, int layer) {
        return spikes[offset(population) + layer];
    }

    /** Share of a population's units that fired, over all of its layers; empty if the model has no such population. */
    public OptionalDouble rate(String population) {
        int at = find(population);
        if (at < 0) {
            return OptionalDouble.empty();
        }
        Population found = populations.get(at);
        int from = offset(population);
        long sum = Arrays.stream(spikes, from, from + found.layers()).sum();
        return OptionalDouble.of(rate(sum, found.units() * found.layers()));
    }

    /** The same for each layer, {@code [layers]}; empty if the model has no such population. */
    public double[] rates(String population) {
        int at = find(population);
        if (at < 0) {
            return new double[0];
        }
        int from = offset(population);
        double[] rates = new double[populations.get(at).layers()];
        for (int layer = 0; layer < rates.length; layer++) {
            rates[layer] = rate(spikes[from + layer], populations.get(at).units());
        }
        return rates;
    }

    private int find(String population) {
        for (int i = 0; i < populations.size(); i++) {
            if (populations.get(i).name().equals(population)) {
                return i;
            }
        }
        return -1;
    }

    private int offset(String population) {
        int at = find(population);
        if (at < 0) {
            throw new IllegalArgumentException("no population is called " + population + "; there are " + populations);
        }
        return groups(populations.subList(0, at));
    }

    private double rate(long fired, long unitsPerPosition) {
        return positions == 0 ? 0 : fired / ((double) positions * unitsPerPosition);
    }
}
