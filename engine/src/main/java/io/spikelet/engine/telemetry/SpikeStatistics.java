package io.spikelet.engine.telemetry;

/**
 * What fired, and what did not have to be read because it did not fire, over some positions of one model. All rates are
 * shares between 0 and 1; without positions they are 0.
 *
 * <p>Immutable.
 *
 * @param positions positions decoded
 * @param width units of the encoder and of each block's output
 * @param hiddenWidth feed-forward units of each layer
 * @param encoderSpikes encoder units that fired
 * @param ffnSpikes {@code [layers]}: feed-forward units that fired
 * @param blockSpikes {@code [layers]}: block outputs that fired
 */
@SuppressWarnings("ArrayRecordComponent") // read by layer, never compared
public record SpikeStatistics(
        long positions, int width, int hiddenWidth, long encoderSpikes, long[] ffnSpikes, long[] blockSpikes) {
    /** No positions yet. */
    public static SpikeStatistics none(int layers, int width, int hiddenWidth) {
        return new SpikeStatistics(0, width, hiddenWidth, 0, new long[layers], new long[layers]);
    }

    public SpikeStatistics {
        if (ffnSpikes.length != blockSpikes.length) {
            throw new IllegalArgumentException(
                    "counts of " + ffnSpikes.length + " feed-forwards and " + blockSpikes.length + " blocks");
        }
    }

    /**
     * These positions and those of {@code other}.
     *
     * @throws IllegalArgumentException if it is of a model of another shape
     */
    public SpikeStatistics merge(SpikeStatistics other) {
        if (other.width != width || other.hiddenWidth != hiddenWidth || other.layers() != layers()) {
            throw new IllegalArgumentException("statistics of a model with " + other.layers() + " layers of "
                    + other.width + " and " + other.hiddenWidth + " units cannot be merged into those of " + layers()
                    + " layers of " + width + " and " + hiddenWidth);
        }
        return new SpikeStatistics(
                positions + other.positions,
                width,
                hiddenWidth,
                encoderSpikes + other.encoderSpikes,
                sum(ffnSpikes, other.ffnSpikes),
                sum(blockSpikes, other.blockSpikes));
    }

    public int layers() {
        return ffnSpikes.length;
    }

    /** Share of encoder units that fired. */
    public double encoderRate() {
        return rate(encoderSpikes, width);
    }

    /** Share of a layer's feed-forward units that fired. */
    public double ffnRate(int layer) {
        return rate(ffnSpikes[layer], hiddenWidth);
    }

    /** The same, mean over layers. */
    public double ffnRate() {
        return rate(sum(ffnSpikes), (long) hiddenWidth * layers());
    }

    /** {@link #ffnRate(int)} of every layer. */
    public double[] ffnRates() {
        double[] rates = new double[layers()];
        for (int layer = 0; layer < rates.length; layer++) {
            rates[layer] = ffnRate(layer);
        }
        return rates;
    }

    /** Share of a layer's output units that fired. */
    public double blockRate(int layer) {
        return rate(blockSpikes[layer], width);
    }

    /** {@link #blockRate} of every layer. */
    public double[] blockRates() {
        double[] rates = new double[layers()];
        for (int layer = 0; layer < rates.length; layer++) {
            rates[layer] = blockRate(layer);
        }
        return rates;
    }

    /** Spike-conditioned weight vectors that a dense model would have read: per position and layer one for every input. */
    public long weightRows() {
        return positions * layers() * (width + hiddenWidth);
    }

    /**
     * Those of {@link #weightRows} that were read: a layer's decay projection has one for each spike of the encoder or of
     * the block before, its down projection one for each feed-forward unit that fired. What the last block puts out goes
     * to the dense head alone.
     */
    public long weightRowsRead() {
        long inputs = layers() == 0 ? 0 : encoderSpikes + sum(blockSpikes) - blockSpikes[layers() - 1];
        return inputs + sum(ffnSpikes);
    }

    /** Those of {@link #weightRows} that nobody had to read. */
    public long weightRowsSkipped() {
        return weightRows() - weightRowsRead();
    }

    private double rate(long spikes, long unitsPerPosition) {
        return positions == 0 ? 0 : spikes / ((double) positions * unitsPerPosition);
    }

    private static long sum(long[] counts) {
        long sum = 0;
        for (long count : counts) {
            sum += count;
        }
        return sum;
    }

    private static long[] sum(long[] a, long[] b) {
        long[] sums = new long[a.length];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = a[i] + b[i];
        }
        return sums;
    }
}
