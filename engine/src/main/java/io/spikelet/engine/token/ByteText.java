package io.spikelet.engine.token;

import java.util.Arrays;

/** UTF-8 text that grows at its end. Not thread-safe. */
final class ByteText {
    private static final int MAX_LENGTH = Integer.MAX_VALUE - 8;

    private byte[] bytes;
    private int length;

    ByteText(int capacity) {
        bytes = new byte[capacity];
    }

    /** The backing array, valid until the next append; only the first {@link #length} bytes count. */
    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    void append(byte b) {
        if (length == bytes.length) {
            grow(1);
        }
        bytes[length++] = b;
    }

    void append(byte[] source) {
        if (source.length > bytes.length - length) {
            grow(source.length);
        }
        System.arraycopy(source, 0, bytes, length, source.length);
        length += source.length;
    }

    boolean endsWith(byte[] suffix) {
        return length >= suffix.length
                && Arrays.equals(bytes, length - suffix.length, length, suffix, 0, suffix.length);
    }

    void dropLast(int count) {
        length -= count;
    }

    private void grow(int more) {
        long needed = (long) length + more;
        if (needed > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "text of more than " + MAX_LENGTH + " bytes after normalization; split it into several documents");
        }
        bytes = Arrays.copyOf(bytes, (int) Math.min(MAX_LENGTH, Math.max(needed, 2L * bytes.length)));
    }
}
