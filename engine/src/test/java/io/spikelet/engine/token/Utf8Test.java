package io.spikelet.engine.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

public final class Utf8Test {
    private static final long SEED = 99;

    @Test
    void everyCharacterIsCompleteAtItsLastByteOnly() {
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                continue;
            }
            byte[] bytes = Character.toString(c).getBytes(StandardCharsets.UTF_8);
            for (int count = 1; count < bytes.length; count++) {
                check(Utf8.complete(bytes, count) == 0, c);
            }
            check(Utf8.complete(bytes, bytes.length) == bytes.length, c);
            check(Utf8.codePoint(bytes, bytes.length) == c, c);
            check(Utf8.length(bytes, 0, bytes.length) == bytes.length, c);
        }
    }

    private static void check(boolean holds, int codePoint) {
        if (!holds) { // a million assertions are slow
            throw new AssertionError("U+%04X".formatted(codePoint));
        }
    }

    @Test
    void agreesWithTheStrictDecoderOnAnyBytes() {
        Random random = new Random(SEED);
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = new byte[4];
            random.nextBytes(bytes);
            bytes[0] |= (byte) 0x80;
            for (int b = 1; b < 4; b++) {
                bytes[b] = random.nextInt(8) == 0 ? bytes[b] : (byte) (bytes[b] & 0x3F | 0x80);
            }
            int length = Utf8.complete(bytes, 4);
            int expected = -1;
            for (int count = 1; count <= 4; count++) {
                expected = isOneCharacter(bytes, 0, count) ? count : expected;
            }
            assertThat(length)
                    .as("seed %d bytes %s", SEED, ByteBuffer.wrap(bytes).getInt())
                    .isEqualTo(expected);
        }
    }

    public static boolean isOneCharacter(byte[] bytes, int at, int length) {
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, at, length));
            return Character.codePointCount(text, 0, text.length()) == 1;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
