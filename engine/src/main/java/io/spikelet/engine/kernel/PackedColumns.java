package io.spikelet.engine.kernel;

import io.spikelet.engine.tensor.Layout;

/**
 * Input vectors for the dense kernels. The vectors are kept unchanged and converted to the form that a kind of matrix
 * needs when this form is first needed; further matrices of that kind with the same input reuse it.
 *
 * <p>For float32 products and the vector kernels' integer ones, columns are stored in tiles of 6, 4 and 2 (1 when there
 * is just one), each tile as {@code [inputs][width]}, so that one k-step of a tile reads consecutive values. An odd
 * column count is padded with a zero column that is never read back. For W8A8 they are rounded first, see {@link
 * ColumnCodes}.
 *
 * <p>Not thread-safe; one per decoder.
 */
public final class PackedColumns {
    final float[] values; // (tile, input, column of the tile)
    final float[] accumulators; // (column, output of the panel)
    final int[] sums; // (column, output of the panel)
    final ColumnCodes codes; // for W8A8
    private final float[] rows; // (column, input): the packed vectors
    private final int[] widths;
    private Form form = Form.NONE;
    private int tiles;
    private int columns;
    private int inputs;

    /** The content of {@link #values}. */
    private enum Form {
        NONE,
        INPUTS,
        CODES
    }

    /** Allocates memory for {@code maxColumns} vectors of up to {@code maxInputs} entries. */
    public PackedColumns(int maxColumns, int maxInputs) {
        int padded = Math.max(2, (maxColumns + 1) / 2 * 2);
        this.values = new float[Math.multiplyExact(padded, Layout.padQuad(maxInputs))];
        this.accumulators = new float[padded * Layout.LANES];
        this.sums = new int[accumulators.length];
        this.codes = new ColumnCodes(maxColumns, maxInputs);
        this.rows = new float[Math.multiplyExact(maxColumns, maxInputs)];
        this.widths = new int[padded / 2 + 1];
    }

    /** Upper bound of the bytes of an instance with this capacity. */
    public static long bytes(int maxColumns, int maxInputs) {
        long padded = maxColumns + 1L;
        long quads = Layout.padQuad(maxInputs);
        long floats = padded * quads + padded * Layout.LANES + (long) maxColumns * maxInputs;
        return Float.BYTES * floats + Integer.BYTES * padded * Layout.LANES + maxColumns * (quads + Double.BYTES);
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
        this.form = Form.NONE;
        codes.clear();
        for (int c = 0; c < count; c++) {
            System.arraycopy(x, (rows == null ? c : rows[c]) * stride, this.rows, c * inputs, inputs);
        }
        plan(count);
    }

    /** Arranges the inputs in tiles, unless they are already. */
    void requireInputs() {
        if (form == Form.INPUTS) {
            return;
        }
        form = Form.INPUTS;
        int base = 0;
        for (int tile = 0, column = 0; tile < tiles; tile++) {
            int width = widths[tile];
            if (width == 1) {
                System.arraycopy(rows, 0, values, 0, inputs);
                return; // there is only one
            }
            for (int c = 0; c < width; c++, column++) {
                int from = column * inputs;
                boolean present = column < columns;
                for (int k = 0, to = base + c; k < inputs; k++, to += width) {
                    values[to] = present ? rows[from + k] : 0f;
                }
            }
            base += width * inputs;
        }
    }

    /** Rounds the inputs to codes, unless that has been done. */
    void requireCodes(DenseKernels kernels) {
        codes.require(kernels, rows, columns, inputs);
    }

    /** Rounds the inputs and arranges their codes in tiles, as floats, with zeros up to a whole quad of inputs. */
    void requireCodeTiles(DenseKernels kernels) {
        if (form == Form.CODES) {
            return;
        }
        form = Form.CODES;
        requireCodes(kernels);
        byte[] source = codes.codes;
        int length = codes.stride();
        int base = 0;
        for (int tile = 0, column = 0; tile < tiles; tile++) {
            int width = widths[tile];
            for (int c = 0; c < width; c++, column++) {
                int from = column * length;
                boolean present = column < columns;
                for (int k = 0, to = base + c; k < length; k++, to += width) {
                    values[to] = present ? source[from + k] : 0f;
                }
            }
            base += width * length;
        }
    }

    /**
     * Plans tiles of width 6. A remainder of 8 is split into 4 + 4 instead of 6 + 2, because the tile of width 2 is
     * slow.
     */
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
