package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.kernel.PackedColumns;
import io.spikelet.engine.kernel.SpikeLists;
import io.spikelet.engine.model.PassColumns;

/**
 * The buffers that the layers share, for the columns of one pass.
 *
 * <p>Not thread-safe; one per decoder, allocated once.
 */
final class PassBuffers {
    final int width;
    final int hiddenWidth;
    final int[] positions; // (column)
    final float[] residual; // (column, width)
    final SpikeLists spikes; // (column): what enters the next block
    final SpikeLists hidden; // (column): feed-forward units that fired
    final PackedColumns packed;
    final float[] decayed; // (column, width)
    final int[] active; // (active column) -> column
    final float[] query; // (active column, width), then the attention's output
    final float[] key; // (active column, width)
    final float[] value; // (active column, width)
    final float[] mixed; // (column, width)
    final float[] projected; // (column, width)
    final float[] hiddenValues; // (column, hidden width)
    int count;
    int activeCount;

    /**
     * @param capacity maximum number of columns of one pass
     * @param width of the residual stream
     * @param hiddenWidth number of feed-forward units
     */
    PassBuffers(int capacity, int width, int hiddenWidth) {
        this.width = width;
        this.hiddenWidth = hiddenWidth;
        this.positions = new int[capacity];
        this.residual = new float[Math.multiplyExact(capacity, width)];
        this.spikes = new SpikeLists(capacity, width, width);
        this.hidden = new SpikeLists(capacity, hiddenWidth, width);
        this.packed = new PackedColumns(capacity, width);
        this.decayed = new float[residual.length];
        this.active = new int[capacity];
        this.query = new float[residual.length];
        this.key = new float[residual.length];
        this.value = new float[residual.length];
        this.mixed = new float[residual.length];
        this.projected = new float[residual.length];
        this.hiddenValues = new float[Math.multiplyExact(capacity, hiddenWidth)];
    }

    /** Starts a pass with the given columns. */
    void begin(PassColumns pass) {
        count = pass.count();
        for (int c = 0; c < count; c++) {
            positions[c] = pass.position(c);
        }
        spikes.begin(count);
    }

    /** Number of spikes of a column that are the input of the next block. */
    int spikeCount(int column) {
        return spikes.count(column);
    }

    /** Lists the columns with at least one spike; the others have no query, key or value. */
    void findActive() {
        activeCount = 0;
        for (int c = 0; c < count; c++) {
            if (spikes.count(c) > 0) {
                active[activeCount++] = c;
            }
        }
    }
}
