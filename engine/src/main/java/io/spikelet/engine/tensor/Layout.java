package io.spikelet.engine.tensor;

/**
 * The order of the elements of a logical {@code [outputs, inputs]} matrix in {@code weights.bin}.
 *
 * <p>The layout depends on the input (the paper's mixed row/column layout): a matrix with a continuous input is read
 * completely, so its outputs are stored in panels; a matrix with a spike input is read one input at a time, so
 * everything that one spike adds is contiguous. Every stride is padded with zeros to {@value #LANES} elements.
 */
public enum Layout {
    /** Element (n, k) at {@code ((n / 64) * inputs + k) * 64 + n % 64}: {@code [outputs/64][inputs][64]}. */
    PANEL("panel-64"),
    /**
     * Element (n, k) at {@code (((n / 64) * (pad4(inputs) / 4) + k / 4) * 64 + n % 64) * 4 + k % 4}: {@code
     * [outputs/64][inputs/4][64][4]}, four adjacent inputs of an output, for integer dot products.
     */
    QUAD_PANEL("panel-64x4"),
    /** Element (n, k) at {@code k * pad64(outputs) + n}: one contiguous vector of outputs per input. */
    INPUT_MAJOR("input-major"),
    /** Element (n, k) at {@code n * pad64(inputs) + k}: the embedding, read one row per token. */
    ROW_MAJOR("row-major"),
    /** Bit (n, k) is bit {@code k % 8} of byte {@code n * pad64(inputs) / 8 + k / 8}: a whole number of words per row. */
    BIT_ROWS("bit-rows"),
    /** A vector or scalar, contiguous, always float32. */
    VECTOR("vector");

    /** Outputs in a panel, and the multiple to which strides are padded. */
    public static final int LANES = 64;

    /** Number of adjacent inputs in {@link #QUAD_PANEL}. */
    public static final int QUAD = 4;

    private final String label;

    Layout(String label) {
        this.label = label;
    }

    /** The name in {@code manifest.json}. */
    public String label() {
        return label;
    }

    /** {@code n} rounded up to a multiple of {@value #LANES}. */
    public static int pad(int n) {
        return Math.addExact(n, LANES - 1) / LANES * LANES;
    }

    /** {@code n} rounded up to a multiple of {@value #QUAD}. */
    public static int padQuad(int n) {
        return Math.addExact(n, QUAD - 1) / QUAD * QUAD;
    }

    /** Index of element (output, input) of a matrix of the given shape, in elements from its start. */
    public long index(int output, int input, int outputs, int inputs) {
        return switch (this) {
            case PANEL -> ((long) (output / LANES) * inputs + input) * LANES + output % LANES;
            case QUAD_PANEL ->
                ((long) (output / LANES) * padQuad(inputs) + input / QUAD * QUAD) * LANES
                        + output % LANES * QUAD
                        + input % QUAD;
            case INPUT_MAJOR -> (long) input * pad(outputs) + output;
            case ROW_MAJOR -> (long) output * pad(inputs) + input;
            case BIT_ROWS -> (long) output * (pad(inputs) / Byte.SIZE) + input / Byte.SIZE;
            case VECTOR -> output;
        };
    }

    /** Number of stored elements of a matrix of the given shape, padding included. */
    public long elements(int outputs, int inputs) {
        return switch (this) {
            case PANEL, INPUT_MAJOR -> (long) pad(outputs) * inputs;
            case QUAD_PANEL -> (long) pad(outputs) * padQuad(inputs);
            case ROW_MAJOR -> (long) outputs * pad(inputs);
            case BIT_ROWS -> (long) outputs * (pad(inputs) / Byte.SIZE);
            case VECTOR -> outputs;
        };
    }
}
