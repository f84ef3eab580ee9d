package io.spikelet.engine.token.bytelevel;

import java.util.Arrays;

/**
 * The characters that represent bytes in the files of a byte-level vocabulary: 33–126, 161–172 and 174–255 represent
 * themselves, and the other 68 bytes, in ascending order, are U+0100 to U+0143. A space is U+0120.
 */
final class ByteAlphabet {
    /** Number of bytes, and therefore of characters, in the alphabet. */
    static final int BYTES = 256;

    private static final int NONE = -1;
    private static final int FIRST_OTHER = 0x100;
    private static final char[] CHARACTERS = characters();
    private static final int[] VALUES = values();

    private ByteAlphabet() {}

    /** The character of a byte, 0 to 255. */
    static char character(int value) {
        return CHARACTERS[value];
    }

    /** The byte of a character, or -1 if it represents none. */
    static int value(char character) {
        return character < VALUES.length ? VALUES[character] : NONE;
    }

    /** The bytes of a token, or null if one of its characters represents no byte. */
    static byte[] bytes(String token) {
        byte[] bytes = new byte[token.length()];
        for (int i = 0; i < bytes.length; i++) {
            int value = value(token.charAt(i));
            if (value == NONE) {
                return null;
            }
            bytes[i] = (byte) value;
        }
        return bytes;
    }

    private static boolean standsForItself(int value) {
        return value >= 33 && value <= 126 || value >= 161 && value <= 172 || value >= 174;
    }

    private static char[] characters() {
        char[] characters = new char[BYTES];
        char other = FIRST_OTHER;
        for (int value = 0; value < BYTES; value++) {
            characters[value] = standsForItself(value) ? (char) value : other++;
        }
        return characters;
    }

    private static int[] values() {
        int[] values = new int[FIRST_OTHER + BYTES];
        Arrays.fill(values, NONE);
        for (int value = 0; value < BYTES; value++) {
            values[CHARACTERS[value]] = value;
        }
        return values;
    }
}
