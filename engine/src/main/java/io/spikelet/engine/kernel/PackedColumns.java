package io.spikelet.engine.kernel;

/**
 * Input vectors laid out for the dense kernels: columns in tiles of 6, 4 and 2 (1 when there is just one), each tile as
 * {@code [inputs][width]}, so that one k-step of a tile reads neighbours. An odd column count is padded with a zero
 * column that nobody reads back.
 *
 * <p>Packed once and used by every matrix with the same input. Not thread-safe; one per decoder.
 */
public final class PackedColumns {
    final float[] values; // (tile, input, column of the tile)
    final float[] accumulators; // (column, output of the panel)
    private final int[] widths;
    private int tiles;
    private int columns;
    private int inputs;

    /** Room for {@code maxColumns} vectors of up to {@code maxInputs} entries. */
    public PackedColumns(int maxColumns, int maxInputs) {
        int padded = Math.max(2, (maxColumns + 1) / 2 * 2);
        this.values = new float[Math.multiplyExact(padded, maxInputs)];
        this.accumulators = new float[padded * io.spikelet.engine.tensor.Layout.LANES];
        this.widths = new int[padded / 2 + 1];
    }

    /** Number of vectors packed. */
    public int columns() {
        return columns;
    }

    /** Length of each vector. */
    public int inputs() {
        return inputs;
    }

    int tiles() {
        return tiles;
    }

    int width(int tile) {
        return widths[tile];
    }

    /**
     * Packs {@code count} vectors: vector j is {@code x[rows[j] * stride .. + inputs)}.
     *
     * @param rows null for rows 0 .. count-1
     */
    public void pack(float[] x, int[] rows, int count, int stride, int inputs) {
        this.columns = count;
        this.inputs = inputs;
        plan(count);
        int column = 0;
        int base = 0;
        for (int tile = 0; tile < tiles; tile++) {
            int width = widths[tile];
            for (int c = 0; c < width; c++, column++) {
                if (column < count) {
                    int from = (rows == null ? column : rows[column]) * stride;
                    for (int k = 0, to = base + c; k < inputs; k++, to += width) {
                        values[to] = x[from + k];
                    }
                } else {
                    for (int k = 0, to = base + c; k < inputs; k++, to += width) {
                        values[to] = 0f;
                    }
                }
            }
            base += width * inputs;
        }
    }

    /** Sixes, with a remainder of 2 taken as 4 + 4 instead of 6 + 2: the 2-wide tile is the slow one. */
    private void plan(int count) {
        tiles = 0;
        if (count == 1) {
            widths[tiles++] = 1;
            return;
        }
        int left = (count + 1) / 2 * 2;
        while (left > 0) {
            int width = left == 8 || left == 4 ? 4 : left >= 6 ? 6 : 2;
            widths[tiles++] = width;
            left -= width;
        }
    }
}
