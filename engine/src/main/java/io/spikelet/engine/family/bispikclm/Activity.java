package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.telemetry.OperationCounts;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Spike and operation counts of a sequence: exact integers, summed over its positions and steps. Not thread-safe. */
final class Activity {
    private static final int BANKS = Bank.values().length;

    private final long[] spikes; // (layer, population)
    private final long[] accumulates = new long[Product.values().length];
    private final long[] multiplies = new long[Product.values().length];
    private long inputSpikes;
    private long keys;
    private long positions;

    Activity(int layers) {
        this.spikes = new long[layers * BANKS];
    }

    /** Starts a position that sees {@code visible} keys, including its own. */
    void position(int visible) {
        positions++;
        keys += visible;
    }

    void input(long count) {
        inputSpikes += count;
    }

    void spikes(int layer, Bank population, long count) {
        spikes[layer * BANKS + population.ordinal()] += count;
    }

    void accumulates(Product product, long count) {
        accumulates[product.ordinal()] += count;
    }

    void multiplies(Product product, long count) {
        multiplies[product.ordinal()] += count;
    }

    /** Spike counts in the order of {@link Bank#populations}. */
    long[] counts(BispikclmConfig config) {
        int layers = config.layers();
        long[] counts = new long[SpikeStatistics.groups(config.populations())];
        int at = 0;
        if (config.inputSpike()) {
            counts[at++] = inputSpikes;
        }
        for (Bank bank : Bank.values()) {
            for (int layer = 0; layer < layers && bank != Bank.SCORE && bank.exists(config); layer++) {
                counts[at++] = spikes[layer * BANKS + bank.ordinal()];
            }
        }
        return counts;
    }

    /**
     * The operation counts, with the head counted once per position, and those of a dense transformer of the same shape
     * for comparison.
     */
    OperationCounts operations(BispikclmConfig config) {
        Map<String, Long> adds = new LinkedHashMap<>();
        Map<String, Long> products = new LinkedHashMap<>();
        long width = config.width();
        long head = width * config.vocabSize();
        for (Product product : Product.values()) {
            if (product == Product.HEAD) {
                products.put(product.label(), positions * head);
                continue;
            }
            adds.put(product.label(), accumulates[product.ordinal()]);
            if (product.mayMultiply()) {
                products.put(product.label(), multiplies[product.ordinal()]);
            }
        }
        long perLayer = 4 * width * width + 2 * width * config.hidden();
        long dense = config.layers() * (positions * perLayer + 2 * width * keys) + positions * head;
        return new OperationCounts(adds, products, dense);
    }

    void copyFrom(Activity other) {
        System.arraycopy(other.spikes, 0, spikes, 0, spikes.length);
        System.arraycopy(other.accumulates, 0, accumulates, 0, accumulates.length);
        System.arraycopy(other.multiplies, 0, multiplies, 0, multiplies.length);
        inputSpikes = other.inputSpikes;
        keys = other.keys;
        positions = other.positions;
    }

    void clear() {
        Arrays.fill(spikes, 0);
        Arrays.fill(accumulates, 0);
        Arrays.fill(multiplies, 0);
        inputSpikes = 0;
        keys = 0;
        positions = 0;
    }
}
