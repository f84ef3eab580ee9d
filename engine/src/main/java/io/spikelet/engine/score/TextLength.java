package io.spikelet.engine.score;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The length of a text, in units that make perplexities of different tokenizers comparable.
 *
 * @param bytes in UTF-8
 * @param characters number of Unicode code points
 * @param words as lm-evaluation-harness counts them, {@code len(re.split(r"\s+", text))} in Python: white space at the
 *     beginning or the end adds one, and the empty text has one
 */
public record TextLength(long bytes, long characters, long words) {
    static final TextLength NONE = new TextLength(0, 0, 0);

    /** Python's {@code \s} includes the separators 1C to 1F in addition to Unicode's white space. */
    private static final Pattern SPACE = Pattern.compile("[\\s\\x1c-\\x1f]+", Pattern.UNICODE_CHARACTER_CLASS);

    /** Measures a text; a lone surrogate counts as the one byte '?' that it is encoded to. */
    public static TextLength of(String text) {
        long bytes = 0;
        long characters = 0;
        for (int i = 0; i < text.length(); characters++) {
            int codePoint = text.codePointAt(i);
            i += Character.charCount(codePoint);
            bytes += utf8Bytes(codePoint);
        }
        Matcher spaces = SPACE.matcher(text);
        long words = 1;
        while (spaces.find()) {
            words++;
        }
        return new TextLength(bytes, characters, words);
    }

    private static int utf8Bytes(int codePoint) {
        if (codePoint < 0x80 || (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE)) {
            return 1;
        }
        if (codePoint < 0x800) {
            return 2;
        }
        return codePoint < 0x10000 ? 3 : 4;
    }
}
