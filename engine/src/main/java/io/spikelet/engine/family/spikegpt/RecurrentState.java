package io.spikelet.engine.family.spikegpt;

import io.spikelet.engine.model.SequenceState;
import io.spikelet.engine.telemetry.OperationCounts;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * All that outlives a token: seven vectors of every block, whatever the length. Source: section 7 of the specification. Not
 * thread-safe.
 */
final class RecurrentState implements SequenceState {
    /** Vectors of a block, in this order. */
    static final int TIME_INPUT = 0; // a: LN1 of the previous position

    static final int CHANNEL_INPUT = 1; // c: LN2 of the previous position
    static final int NUMERATOR = 2; // A
    static final int DENOMINATOR = 3; // B
    static final int EXPONENT = 4; // o
    static final int MEMBRANE1 = 5;
    static final int MEMBRANE2 = 6;
    static final int VECTORS = 7;

    private static final float LOWEST_EXPONENT = -1e38f;

    final float[] values; // (block, vector, channel)
    final long[] spikes1; // (block)
    final long[] spikes2; // (block)
    final long[] zeros; // (block): of the squared ReLU
    private final SpikeGptConfig config;

    RecurrentState(SpikeGptConfig config) {
        this.config = config;
        this.values = new float[Math.toIntExact((long) config.layers() * VECTORS * config.width())];
        this.spikes1 = new long[config.layers()];
        this.spikes2 = new long[config.layers()];
        this.zeros = new long[config.layers()];
        reset();
    }

    static long bytes(SpikeGptConfig config) {
        return (long) Float.BYTES * VECTORS * config.layers() * config.width();
    }

    /** Where a vector of a block begins. */
    int offset(int layer, int vector) {
        return (layer * VECTORS + vector) * config.width();
    }

    @Override
    public void reset() {
        Arrays.fill(values, 0f);
        for (int layer = 0; layer < config.layers(); layer++) {
            int at = offset(layer, EXPONENT);
            Arrays.fill(values, at, at + config.width(), LOWEST_EXPONENT);
        }
        Arrays.fill(spikes1, 0);
        Arrays.fill(spikes2, 0);
        Arrays.fill(zeros, 0);
    }

    @Override
    public void copyFrom(SequenceState other) {
        RecurrentState source = (RecurrentState) other;
        System.arraycopy(source.values, 0, values, 0, values.length);
        System.arraycopy(source.spikes1, 0, spikes1, 0, spikes1.length);
        System.arraycopy(source.spikes2, 0, spikes2, 0, spikes2.length);
        System.arraycopy(source.zeros, 0, zeros, 0, zeros.length);
    }

    /**
     * Becomes a copy of {@code other} but for the membranes, which stay: what the published generation program does between
     * trials of one prompt. For comparison with that program alone: rows of a job never depend on each other.
     */
    void copyKeepingMembranes(RecurrentState other) {
        float[] membranes = values.clone();
        copyFrom(other);
        for (int layer = 0; layer < config.layers(); layer++) {
            int at = offset(layer, MEMBRANE1); // the second bank's follow
            System.arraycopy(membranes, at, values, at, 2 * config.width());
        }
    }

    @Override
    public SpikeStatistics spikes(long positions) {
        int layers = config.layers();
        long[] counts = new long[3 * layers];
        System.arraycopy(spikes1, 0, counts, 0, layers);
        System.arraycopy(spikes2, 0, counts, layers, layers);
        System.arraycopy(zeros, 0, counts, 2 * layers, layers);
        return new SpikeStatistics(positions, config.populations(), counts);
    }

    /**
     * No product takes spikes, so there are no accumulates; of the channel mixing's last product only entries that are not 0
     * count. The twin is a transformer of the same shape: four projections, two feed-forward matrices, full attention, and the
     * head. Source: section 13 of the specification.
     */
    @Override
    public OperationCounts operations(long positions) {
        long width = config.width();
        long hidden = config.hidden();
        long blocks = positions * config.layers();
        long skipped = Arrays.stream(zeros).sum();
        long head = positions * width * config.vocabSize();
        Map<String, Long> products = new LinkedHashMap<>();
        products.put("time_mixing", 4 * width * width * blocks);
        products.put("channel_mixing", width * (hidden * blocks + width * blocks + (hidden * blocks - skipped)));
        products.put("head", head);
        long keys = positions * (positions + 1) / 2;
        long dense = blocks * (4 * width * width + 2 * width * hidden) + config.layers() * 2 * width * keys + head;
        return new OperationCounts(Map.of(), products, dense);
    }
}
