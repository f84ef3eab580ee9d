package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.kernel.BinaryKernels;
import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.kernel.PackedColumns;
import io.spikelet.engine.kernel.SpikeLists;
import java.util.Set;

/**
 * The input of some linear layers in a pass: for every row (column of the pass and time step) either the active inputs
 * with their counts, or a packed vector; after a LayerNorm also its two scalars. Not thread-safe; one per pass.
 */
final class LinearInput {
    private final int width;
    private final SpikeLists bits;
    private final SpikeLists integers;
    private final PackedColumns packed;
    private final float[] normalised; // (row, width)
    final float[] mean; // (row)
    final float[] inverse; // (row)
    final long[] sums; // (row): of the integers; operations are counted from these
    private StreamKind kind = StreamKind.BITS;
    private boolean normed;

    /**
     * @param outputs of the widest linear layer that reads it
     * @param kinds the kinds that it can hold; no memory is allocated for others
     */
    LinearInput(int rows, int width, int outputs, Set<StreamKind> kinds) {
        this.width = width;
        this.bits = kinds.contains(StreamKind.BITS) ? new SpikeLists(rows, width, outputs) : null;
        this.integers = kinds.contains(StreamKind.INTEGER) ? new SpikeLists(rows, width, outputs, true) : null;
        boolean floats = kinds.contains(StreamKind.FLOAT);
        this.packed = floats ? new PackedColumns(rows, width) : null;
        this.normalised = new float[floats ? Math.multiplyExact(rows, width) : 0];
        this.mean = new float[rows];
        this.inverse = new float[rows];
        this.sums = new long[rows];
    }

    /** Sets the input to {@code x (row, width)}, with or without a LayerNorm in between. */
    void take(Kernels kernels, float[] x, int rows, StreamKind kind, boolean normed, double epsilon) {
        this.kind = kind;
        this.normed = normed;
        if (kind == StreamKind.FLOAT) {
            takeFloats(kernels, x, rows, epsilon);
            return;
        }
        SpikeLists lists = kind == StreamKind.BITS ? bits : integers;
        BinaryKernels binary = kernels.binary();
        lists.begin(rows);
        for (int row = 0; row < rows; row++) {
            binary.list(x, row * width, width, lists, row);
            sums[row] = binary.sum(x, row * width, width);
            if (normed) {
                moments(row, sums[row], binary.squares(x, row * width, width), epsilon);
            }
        }
    }

    /** Sets the input to spikes {@code (row, words)}. */
    void take(Kernels kernels, long[] words, int rowWords, int rows) {
        kind = StreamKind.BITS;
        normed = false;
        bits.begin(rows);
        for (int row = 0; row < rows; row++) {
            kernels.binary().list(words, row * rowWords, rowWords, bits, row);
            sums[row] = bits.count(row);
        }
    }

    /** The LayerNorm's two scalars, computed in double from exact integer sums and rounded to float32. */
    private void moments(int row, long sum, long squares, double epsilon) {
        mean[row] = (float) ((double) sum / width);
        double variance = (double) (width * squares - sum * sum) / ((double) width * width);
        inverse[row] = (float) (1.0 / Math.sqrt(variance + epsilon));
    }

    private void takeFloats(Kernels kernels, float[] x, int rows, double epsilon) {
        float[] from = x;
        if (normed) {
            for (int row = 0; row < rows; row++) {
                kernels.binary().normalise(x, row * width, width, epsilon, normalised, row * width);
            }
            from = normalised;
        }
        packed.pack(from, null, rows, width, width);
    }

    int width() {
        return width;
    }

    StreamKind kind() {
        return kind;
    }

    boolean normed() {
        return normed;
    }

    SpikeLists lists() {
        return kind == StreamKind.BITS ? bits : integers;
    }

    PackedColumns packed() {
        return packed;
    }
}
