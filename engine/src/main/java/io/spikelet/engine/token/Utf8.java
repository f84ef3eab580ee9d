package io.spikelet.engine.token;

import java.nio.charset.StandardCharsets;

/** UTF-8 by the rules of SentencePiece: no surrogates, no overlong forms, nothing above U+10FFFF. */
public final class Utf8 {
    /** Replaces bytes that do not form a character. */
    public static final char REPLACEMENT = '\uFFFD';

    private Utf8() {}

    /** The bytes of a text; an unpaired surrogate becomes U+FFFD. */
    public static byte[] encode(String text) {
        return wellFormed(text).getBytes(StandardCharsets.UTF_8);
    }

    /** The text with U+FFFD for every unpaired surrogate. */
    public static String wellFormed(String text) {
        int lone = loneSurrogate(text, 0);
        if (lone < 0) {
            return text;
        }
        StringBuilder mended = new StringBuilder(text);
        for (; lone >= 0; lone = loneSurrogate(text, lone + 1)) {
            mended.setCharAt(lone, REPLACEMENT);
        }
        return mended.toString();
    }

    /** Length of a text in UTF-8, in bytes; an unpaired surrogate has 3, as U+FFFD. */
    public static long length(String text) {
        return length(text, REPLACEMENT);
    }

    /**
     * Length of a text in UTF-8, in bytes, without the occurrences of one ASCII character; an unpaired surrogate has 3,
     * as U+FFFD.
     */
    public static long length(String text, char without) {
        long bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                bytes += c == without ? 0 : 1;
            } else if (c < 0x800) {
                bytes += 2;
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                bytes += 4;
                i++;
            } else {
                bytes += 3;
            }
        }
        return bytes;
    }

    private static int loneSurrogate(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (i + 1 == text.length() || !Character.isSurrogatePair(c, text.charAt(i + 1))) {
                    return i;
                }
                i++;
            }
        }
        return -1;
    }

    /** Length of the character that starts at {@code at} of well-formed UTF-8, never past {@code limit}. */
    public static int length(byte[] bytes, int at, int limit) {
        int lead = bytes[at] & 0xFF;
        int length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        return Math.min(length, limit - at);
    }

    /**
     * Length of the character at the start of {@code bytes[0 .. count)}; 0 if the bytes may still become one, -1 if no
     * further byte can make them one.
     */
    public static int complete(byte[] bytes, int count) {
        int lead = bytes[0] & 0xFF;
        if (lead < 0x80) {
            return 1;
        }
        if (lead < 0xC2 || lead > 0xF4) {
            return -1;
        }
        int length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        for (int i = 1; i < Math.min(count, length); i++) {
            int low = i > 1 ? 0x80 : lowestSecond(lead);
            int high = i > 1 ? 0xBF : highestSecond(lead);
            int b = bytes[i] & 0xFF;
            if (b < low || b > high) {
                return -1;
            }
        }
        return count < length ? 0 : length;
    }

    private static int lowestSecond(int lead) {
        return lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    }

    private static int highestSecond(int lead) {
        return lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    }

    /**
     * The character of {@code length} bytes at the start of {@code bytes}, which {@link #complete} has found complete.
     */
    public static int codePoint(byte[] bytes, int length) {
        int value = length == 1 ? bytes[0] : bytes[0] & (0x7F >> length);
        for (int i = 1; i < length; i++) {
            value = value << 6 | (bytes[i] & 0x3F);
        }
        return value;
    }
}
