package io.spikelet.engine.token.sentencepiece;

import io.spikelet.engine.token.TokenizerFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * A cursor over the fields of one protobuf message. {@link #next} moves to a field; exactly one of the value methods
 * (or {@link #skip}) then consumes it. Every length is checked against the remaining bytes before it is used.
 */
final class WireReader {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED32 = 5;

    private final String message;
    private final byte[] bytes;
    private final int limit;
    private int position;
    private int field;
    private int wireType;

    WireReader(String message, byte[] bytes) {
        this(message, bytes, 0, bytes.length);
    }

    private WireReader(String message, byte[] bytes, int from, int limit) {
        this.message = message;
        this.bytes = bytes;
        this.position = from;
        this.limit = limit;
    }

    /** Moves to the next field; false at the end of the message. */
    boolean next() {
        if (position == limit) {
            return false;
        }
        long tag = readVarint();
        field = (int) (tag >>> 3);
        wireType = (int) (tag & 7);
        if (tag >>> 32 != 0 || field == 0) {
            throw malformed("has the impossible field tag " + Long.toUnsignedString(tag));
        }
        return true;
    }

    int field() {
        return field;
    }

    boolean readBool() {
        return readEnum() != 0;
    }

    int readEnum() {
        expect(VARINT);
        return (int) readVarint();
    }

    float readFloat() {
        expect(FIXED32);
        int at = advance(4);
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getFloat(at);
    }

    WireReader readMessage(String name) {
        int length = readLength();
        int at = advance(length);
        return new WireReader(name, bytes, at, at + length);
    }

    byte[] readBytes() {
        int length = readLength();
        int at = advance(length);
        byte[] value = new byte[length];
        System.arraycopy(bytes, at, value, 0, length);
        return value;
    }

    /** A string of at most {@code maxBytes} bytes, which must be UTF-8. */
    String readText(int maxBytes) {
        int length = readLength();
        if (length > maxBytes) {
            throw malformed("has a string of " + length + " bytes in field " + field + "; the limit is " + maxBytes);
        }
        int at = advance(length);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, at, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw malformed("has a string that is not UTF-8 in field " + field);
        }
    }

    void skip() {
        switch (wireType) {
            case VARINT -> readVarint();
            case FIXED64 -> advance(8);
            case LENGTH_DELIMITED -> advance(readLength());
            case FIXED32 -> advance(4);
            default -> throw malformed("has field " + field + " of wire type " + wireType + ", which is not supported");
        }
    }

    TokenizerFormatException malformed(String what) {
        return new TokenizerFormatException("tokenizer model is damaged: " + message + " " + what + " (at byte "
                + position + " of " + bytes.length + "); copy the .model file again from its source");
    }

    private int readLength() {
        expect(LENGTH_DELIMITED);
        long length = readVarint();
        if (length < 0 || length > limit - position) {
            throw malformed("announces " + Long.toUnsignedString(length) + " bytes in field " + field + " but only "
                    + (limit - position) + " are left");
        }
        return (int) length;
    }

    private void expect(int type) {
        if (wireType != type) {
            throw malformed("has field " + field + " with wire type " + wireType + " instead of " + type);
        }
    }

    private int advance(int count) {
        if (count > limit - position) {
            throw malformed("ends inside field " + field);
        }
        int at = position;
        position += count;
        return at;
    }

    private long readVarint() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte b = bytes[advance(1)];
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw malformed("has a number of more than 10 bytes");
    }
}
