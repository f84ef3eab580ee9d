package io.spikelet.engine.family.spikegpt;

import io.spikelet.engine.model.SequenceState;
import io.spikelet.engine.telemetry.OperationCounts;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The state that is kept between tokens: seven vectors per block, independent of the length. Source: section 7 of the
 * specification. Not thread-safe.
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
     * Makes this a copy of {@code prompt} except for the membranes, which are kept. Source: section 5 of the
     * specification, point 4.
     */
    @Override
    public void copyForTrial(SequenceState prompt) {
        float[] membranes = values.clone();
        copyFrom(prompt);
        for (int layer = 0; layer < config.layers(); layer++) {
            int at = offset(layer, MEMBRANE1); // those of the second bank follow
            System.arraycopy(membranes, at, values, at, 2 * config.width());
        }
    }

    @Override
    public boolean isPortable() {
        return true;
    }

    @Override
    public void write(DataOutput out) throws IOException {
        ByteBuffer floats = ByteBuffer.allocate(values.length * Float.BYTES);
        floats.asFloatBuffer().put(values);
        out.write(floats.array());
        for (long[] counts : List.of(spikes1, spikes2, zeros)) {
            for (long count : counts) {
                out.writeLong(count);
            }
        }
    }

    @Override
    public void read(DataInput in) throws IOException {
        byte[] floats = new byte[values.length * Float.BYTES];
        in.readFully(floats);
        ByteBuffer.wrap(floats).asFloatBuffer().get(values);
        for (long[] counts : List.of(spikes1, spikes2, zeros)) {
            for (int layer = 0; layer < counts.length; layer++) {
                counts[layer] = in.readLong();
            }
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
     * No product has spike inputs, so there are no accumulates; the last product of channel mixing counts only its
     * nonzero inputs. The twin is a transformer of the same shape: four projections, two feed-forward matrices, full
     * attention, and the head. Source: section 13 of the specification.
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
