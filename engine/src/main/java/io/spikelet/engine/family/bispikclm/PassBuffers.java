package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.kernel.HeadBits;
import java.util.EnumSet;
import java.util.Set;

/**
 * The buffers of a pass. A column is one position of a sequence; a row is a time step of a column: row {@code column *
 * steps + step}. Not thread-safe; one per decoder.
 */
final class PassBuffers {
    final int steps;
    final int words; // of the width
    final int hiddenWords;
    final int keyWords; // of the positions
    final float[] current; // (column, width)
    final float[] positionRow; // (width)
    final float[] stream; // (row, width)
    final float[] charges; // (row, width or hidden)
    final float[] contextSums; // (row, width)
    final long[] query; // (row, words)
    final long[] key; // (row, words)
    final long[] value; // (row, words)
    final long[] context; // (row, words)
    final long[] spikes; // (row, words): of the bank that fired last
    final long[] hidden; // (row, hiddenWords)
    final float[] scores; // (step, position)
    final long[] fired; // (step, head, keyWords)
    final float[] readout; // (column, width)
    final LinearInput streamInput;
    final LinearInput contextInput;
    final LinearInput hiddenInput;
    private final int[] positions; // (column)
    private int columns;

    PassBuffers(BispikclmConfig config, int maxColumns) {
        int width = config.width();
        this.steps = config.steps();
        int rows = Math.multiplyExact(maxColumns, steps);
        this.words = HeadBits.words(width);
        this.hiddenWords = HeadBits.words(config.hidden());
        this.keyWords = HeadBits.words(config.maxPositions());
        this.current = new float[maxColumns * width];
        this.positionRow = new float[width];
        this.stream = new float[Math.multiplyExact(rows, width)];
        this.charges = new float[Math.multiplyExact(rows, Math.max(width, config.hidden()))];
        this.contextSums = new float[rows * width];
        this.query = new long[rows * words];
        this.key = new long[rows * words];
        this.value = new long[rows * words];
        this.context = new long[rows * words];
        this.spikes = new long[rows * words];
        this.hidden = new long[rows * hiddenWords];
        this.scores = new float[config.integerNeuronsForget() ? 0 : steps * config.maxPositions()];
        this.fired = new long[steps * config.heads() * keyWords];
        this.readout = new float[maxColumns * width];
        this.streamInput = new LinearInput(rows, width, Math.max(width, config.hidden()), streamKinds(config));
        this.contextInput = new LinearInput(
                rows, width, width, EnumSet.of(config.contextSpike() ? StreamKind.BITS : StreamKind.INTEGER));
        this.hiddenInput = new LinearInput(rows, config.hidden(), width, EnumSet.of(StreamKind.BITS));
        this.positions = new int[maxColumns];
    }

    /** Bytes of the buffers of a pass and of the head, to within a few kilobytes. */
    static long bytes(BispikclmConfig config, int maxColumns) {
        long width = config.width();
        long hidden = config.hidden();
        long widest = Math.max(width, hidden);
        long accumulators = Integer.BYTES + Short.BYTES;
        long stream = 0; // lists or packed vectors, of each kind that occurs
        for (StreamKind kind : streamKinds(config)) {
            stream += switch (kind) {
                case BITS -> Integer.BYTES * width + accumulators * widest;
                case INTEGER -> 2 * Integer.BYTES * width + accumulators * widest;
                case FLOAT -> 2 * Float.BYTES * width;
            };
        }
        long context = 2 * Integer.BYTES * width + accumulators * width;
        long spikes = Integer.BYTES * hidden + accumulators * width;
        long perRow = Float.BYTES * (2 * width + widest) + (5 * width + hidden) / Byte.SIZE;
        long perColumn = Float.BYTES * 4 * width;
        long keys = (long) config.steps()
                * (config.heads() * HeadBits.words(config.maxPositions()) * Long.BYTES
                        + config.maxPositions() * Float.BYTES);
        return maxColumns * (config.steps() * (perRow + stream + context + spikes) + perColumn) + keys;
    }

    private static Set<StreamKind> streamKinds(BispikclmConfig config) {
        Set<StreamKind> kinds = EnumSet.noneOf(StreamKind.class);
        for (int layer = 0; layer < config.layers(); layer++) {
            kinds.add(config.attentionInput(layer));
            kinds.add(config.mlpInput(layer));
        }
        return kinds;
    }

    void clear() {
        columns = 0;
    }

    /** @return the new column */
    int add(int position) {
        positions[columns] = position;
        return columns++;
    }

    int columns() {
        return columns;
    }

    int rows() {
        return columns * steps;
    }

    int position(int column) {
        return positions[column];
    }
}
