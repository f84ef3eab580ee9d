package io.spikelet.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A NumPy array file of float32, int16 or uint8 in C order; integers become floats.
 *
 * @param shape extent of each axis, outermost first; empty for a scalar
 * @param values all elements in C order
 */
@SuppressWarnings("ArrayRecordComponent") // a test compares the arrays themselves, never two of these records
public record Npy(int[] shape, float[] values) {
    private static final Pattern HEADER =
            Pattern.compile("'descr': '([^']+)', 'fortran_order': (True|False), 'shape': \\(([^)]*)\\)");

    /**
     * Reads a file of format version 1.0 or 2.0.
     *
     * @throws IllegalArgumentException for any other content
     */
    public static Npy read(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        boolean numpy =
                bytes.remaining() >= 10 && new String(bytes.array(), 1, 5, StandardCharsets.US_ASCII).equals("NUMPY");
        check(numpy, file, "no NumPy magic");
        boolean wide = bytes.get(6) > 1;
        int start = wide ? 12 : 10;
        int length = wide ? bytes.getInt(8) : Short.toUnsignedInt(bytes.getShort(8));
        String header = new String(bytes.array(), start, length, StandardCharsets.ISO_8859_1);
        Matcher fields = HEADER.matcher(header);
        check(fields.find() && fields.group(2).equals("False"), file, "header " + header);
        int[] shape = Arrays.stream(fields.group(3).split(","))
                .map(String::strip)
                .filter(extent -> !extent.isEmpty())
                .mapToInt(Integer::parseInt)
                .toArray();
        bytes.position(start + length);
        float[] values = new float[Arrays.stream(shape).reduce(1, Math::multiplyExact)];
        switch (fields.group(1)) {
            case "<f4" ->
                bytes.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
            case "|u1" -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = Byte.toUnsignedInt(bytes.get());
                }
            }
            case "<i2" -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = bytes.getShort();
                }
            }
            default -> check(false, file, "element type " + fields.group(1));
        }
        return new Npy(shape, values);
    }

    /** Row {@code index} of a two-dimensional array. */
    public float[] row(int index) {
        int width = shape[shape.length - 1];
        return Arrays.copyOfRange(values, index * width, (index + 1) * width);
    }

    private static void check(boolean holds, Path file, String problem) {
        if (!holds) {
            throw new IllegalArgumentException(file + " is not an array this reader knows: " + problem);
        }
    }
}
