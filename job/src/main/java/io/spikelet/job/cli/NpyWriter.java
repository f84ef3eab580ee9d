package io.spikelet.job.cli;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes a NumPy file (format version 1.0) of float32 {@code [rows, columns]}, row by row. Not thread-safe.
 *
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">the format</a>
 */
final class NpyWriter implements AutoCloseable {
    private static final int ALIGNMENT = 64;

    private final OutputStream out;
    private final ByteBuffer row; // [columns] float32, little-endian
    private long missingRows;

    NpyWriter(Path file, long rows, int columns) throws IOException {
        row = ByteBuffer.allocate(Math.multiplyExact(columns, Float.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        missingRows = rows;
        out = Files.newOutputStream(file);
        out.write(header("{'descr': '<f4', 'fortran_order': False, 'shape': (" + rows + ", " + columns + "), }"));
    }

    /** Writes the next row, {@code values[from .. from + columns)}. */
    void row(float[] values, int from) throws IOException {
        row.clear().asFloatBuffer().put(values, from, row.capacity() / Float.BYTES);
        out.write(row.array());
        missingRows--;
    }

    /** Checks that every row of the header was written. */
    @Override
    public void close() throws IOException {
        out.close();
        if (missingRows != 0) {
            throw new EOFException(missingRows + " rows are missing");
        }
    }

    /** Magic, version, length and the description, padded so that the elements begin aligned. */
    private static byte[] header(String description) {
        int prefix = 10;
        int total = (prefix + description.length() + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
        ByteBuffer header = ByteBuffer.allocate(total).order(ByteOrder.LITTLE_ENDIAN);
        header.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
        header.put((byte) 1).put((byte) 0).putShort((short) (total - prefix));
        header.put(description.getBytes(StandardCharsets.US_ASCII));
        while (header.position() < total - 1) {
            header.put((byte) ' ');
        }
        return header.put((byte) '\n').array();
    }
}
