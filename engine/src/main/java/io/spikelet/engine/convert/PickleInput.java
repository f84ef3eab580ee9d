package io.spikelet.engine.convert;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** The bytes of a pickle, never read past their end. */
final class PickleInput {
    /** Largest pickle that is read; one of a released checkpoint has about 0.1 MB. */
    static final int MAX_BYTES = 16 << 20;

    private static final int MAX_STRING_BYTES = 1 << 20;
    private static final int MAX_NAME_BYTES = 256;

    private final ByteBuffer bytes;

    PickleInput(MemorySegment pickle) {
        if (pickle.byteSize() > MAX_BYTES) {
            throw new CheckpointFormatException(
                    "the pickle has " + pickle.byteSize() + " bytes; at most " + MAX_BYTES + " are read");
        }
        bytes = ByteBuffer.wrap(pickle.toArray(ValueLayout.JAVA_BYTE)).order(ByteOrder.LITTLE_ENDIAN);
    }

    int position() {
        return bytes.position();
    }

    boolean atEnd() {
        return !bytes.hasRemaining();
    }

    int unsignedByte() {
        need(1);
        return Byte.toUnsignedInt(bytes.get());
    }

    int unsignedShort() {
        need(Short.BYTES);
        return Short.toUnsignedInt(bytes.getShort());
    }

    int signedInt() {
        need(Integer.BYTES);
        return bytes.getInt();
    }

    long signedLong() {
        need(Long.BYTES);
        return bytes.getLong();
    }

    /** The one number that a pickle stores big-endian. */
    double bigEndianDouble() {
        return Double.longBitsToDouble(Long.reverseBytes(signedLong()));
    }

    /** A little-endian two's complement integer of the given length. */
    BigInteger integer(int length) {
        byte[] reversed = take(length, MAX_NAME_BYTES);
        for (int i = 0; i < length / 2; i++) {
            byte swapped = reversed[i];
            reversed[i] = reversed[length - 1 - i];
            reversed[length - 1 - i] = swapped;
        }
        return length == 0 ? BigInteger.ZERO : new BigInteger(reversed);
    }

    String text(long length) {
        byte[] content = take(length, MAX_STRING_BYTES);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new CheckpointFormatException("a string at byte " + position() + " of the pickle is not UTF-8", e);
        }
    }

    /** Text up to the next line feed, which is consumed. */
    String line() {
        StringBuilder line = new StringBuilder();
        for (int c = unsignedByte(); c != '\n'; c = unsignedByte()) {
            if (line.length() == MAX_NAME_BYTES) {
                throw new CheckpointFormatException(
                        "a name at byte " + position() + " of the pickle is longer than " + MAX_NAME_BYTES + " bytes");
            }
            line.append((char) c);
        }
        return line.toString();
    }

    private byte[] take(long length, int limit) {
        if (length < 0 || length > limit) {
            throw new CheckpointFormatException("a value at byte " + position() + " of the pickle claims " + length
                    + " bytes; at most " + limit + " are read");
        }
        need((int) length);
        byte[] content = new byte[(int) length];
        bytes.get(content);
        return content;
    }

    private void need(int count) {
        if (bytes.remaining() < count) {
            throw new CheckpointFormatException(
                    "the pickle ends in the middle of a value: truncated", new BufferUnderflowException());
        }
    }
}
