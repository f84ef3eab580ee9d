package io.spikelet.engine.convert;

/**
 * The float32 elements of a matrix to be stored, read in parts of a row: an entry of a checkpoint or a tensor that a
 * family computes.
 */
public interface MatrixSource {
    int rows();

    /** Elements of a row. */
    int columns();

    /** Reads {@code count} elements of a row, from column {@code from} on, to {@code into[0 .. count)}. */
    void read(int row, int from, int count, float[] into);
}
