package io.spikelet.engine.family.spikegpt;

import io.spikelet.engine.kernel.HeadBits;
import io.spikelet.engine.kernel.PackedColumns;
import io.spikelet.engine.model.PassColumns;
import java.util.Arrays;

/**
 * The buffers of a pass, by column. Adjacent columns of one sequence form a run: scans continue from column to column,
 * and only the result of the last one is stored in the state. Not thread-safe; one per decoder.
 */
final class PassBuffers {
    final float[] stream; // x (column, width)
    final float[] normed; // a or c (column, width)
    final float[] mixed; // (column, width): input of the next product
    final float[] key; // k (column, width)
    final float[] value; // v (column, width)
    final float[] gate; // r (column, width)
    final float[] current; // (column, width): input of a bank of neurons
    final float[] hidden; // g (column, hidden)
    final float[] exponentials; // (4, width)
    final double[] stripes = new double[8]; // of the sums of a norm
    final long[] spikes; // (column, words): of the bank that fired last
    final long[] token; // (words): bits of an embedding
    final int[] active; // (column, hidden): where g is not 0
    final int[] counts; // (column): number of these
    final PackedColumns packed; // vectors of the width
    final PackedColumns packedHidden;
    final int words;
    private final int[] runs; // (run): its first column; after the last run, the end
    private final RecurrentState[] states; // (run)
    private int runCount;

    PassBuffers(SpikeGptConfig config, int maxColumns) {
        int width = config.width();
        int floats = Math.multiplyExact(maxColumns, width);
        this.words = HeadBits.words(width);
        this.stream = new float[floats];
        this.normed = new float[floats];
        this.mixed = new float[floats];
        this.key = new float[floats];
        this.value = new float[floats];
        this.gate = new float[floats];
        this.current = new float[floats];
        this.hidden = new float[Math.multiplyExact(maxColumns, config.hidden())];
        this.exponentials = new float[4 * width];
        this.spikes = new long[maxColumns * words];
        this.token = new long[words];
        this.active = new int[hidden.length];
        this.counts = new int[maxColumns];
        this.packed = new PackedColumns(maxColumns, width);
        this.packedHidden = new PackedColumns(maxColumns, config.hidden());
        this.runs = new int[maxColumns + 1];
        this.states = new RecurrentState[maxColumns];
    }

    /** Bytes of the buffers, to within a few kilobytes. */
    static long bytes(SpikeGptConfig config, int maxColumns) {
        long width = config.width();
        long perColumn = Float.BYTES * (7 * width + 2L * config.hidden()) + width / Byte.SIZE;
        return maxColumns * perColumn
                + Float.BYTES * 4 * width
                + PackedColumns.bytes(maxColumns, config.width())
                + PackedColumns.bytes(maxColumns, config.hidden());
    }

    void begin(PassColumns columns) {
        runCount = 0;
        for (int c = 0; c < columns.count(); c++) {
            RecurrentState state = (RecurrentState) columns.state(c);
            if (runCount == 0 || states[runCount - 1] != state) {
                states[runCount] = state;
                runs[runCount++] = c;
            }
        }
        runs[runCount] = columns.count();
    }

    /** Ends the pass, which must not keep states alive. */
    void end() {
        Arrays.fill(states, null);
    }

    int columns() {
        return runs[runCount];
    }

    int runs() {
        return runCount;
    }

    /** First column of a run. */
    int first(int run) {
        return runs[run];
    }

    /** Column after the last one of a run. */
    int end(int run) {
        return runs[run + 1];
    }

    RecurrentState state(int run) {
        return states[run];
    }
}
