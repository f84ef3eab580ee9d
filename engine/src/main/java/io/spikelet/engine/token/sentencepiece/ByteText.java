package io.spikelet.engine.token.sentencepiece;

import java.util.Arrays;

/** UTF-8 text to which bytes are appended. Not thread-safe. */
final class ByteText {
    private static final int MAX_LENGTH = Integer.MAX_VALUE - 8;

    private byte[] bytes;
    private int[] origins; // (byte), or null if not requested
    private int origin;
    private int length;

    /** @param tracksOrigins whether {@link #origin} is available */
    ByteText(int capacity, boolean tracksOrigins) {
        bytes = new byte[capacity];
        origins = tracksOrigins ? new int[capacity] : null;
    }

    /** Sets the origin, in the original text, of the bytes that are appended next. */
    void from(int originalByte) {
        origin = originalByte;
    }

    /** The origin of a byte in the original text. */
    int origin(int at) {
        return origins[at];
    }

    /** The backing array, valid until the next append; only the first {@link #length} bytes are valid. */
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
        if (origins != null) {
            origins[length] = origin;
        }
        bytes[length++] = b;
    }

    void append(byte[] source) {
        if (source.length > bytes.length - length) {
            grow(source.length);
        }
        System.arraycopy(source, 0, bytes, length, source.length);
        if (origins != null) {
            Arrays.fill(origins, length, length + source.length, origin);
        }
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
        bytes = Arrays.copyOf(bytes, (int) Math.min(MAX_LENGTH, Math.max(needed, bytes.length + (bytes.length >> 1))));
        origins = origins == null ? null : Arrays.copyOf(origins, bytes.length);
    }
}
