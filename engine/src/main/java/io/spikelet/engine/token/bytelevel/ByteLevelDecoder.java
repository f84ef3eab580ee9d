package io.spikelet.engine.token.bytelevel;

import io.spikelet.engine.token.Tokenizer;
import io.spikelet.engine.token.Utf8;

/**
 * Decodes tokens to text by the WHATWG rule: in invalid UTF-8, each maximal part that could have been the beginning of
 * a character becomes one U+FFFD. ({@code new String(bytes, UTF_8)} differs on surrogates.) Holds back the bytes of an
 * incomplete character, also across special tokens that are skipped. Not thread-safe.
 */
final class ByteLevelDecoder implements Tokenizer.StreamDecoder {
    private final ByteLevelVocabulary vocabulary;
    private final boolean skipsSpecial;

    private int codePoint; // partial, of the bytes held back
    private int missing; // bytes until it is complete
    private int low = 0x80; // the least next byte
    private int high = 0xBF; // the greatest next byte

    ByteLevelDecoder(ByteLevelVocabulary vocabulary, boolean skipsSpecial) {
        this.vocabulary = vocabulary;
        this.skipsSpecial = skipsSpecial;
    }

    @Override
    public String next(int id) {
        StringBuilder out = new StringBuilder();
        append(id, out);
        return out.toString();
    }

    @Override
    public String finish() {
        StringBuilder out = new StringBuilder();
        finish(out);
        return out.toString();
    }

    @Override
    public void append(int id, StringBuilder out) {
        if (vocabulary.isSpecial(id)) {
            if (!skipsSpecial) {
                finish(out);
                out.append(vocabulary.token(id));
            }
            return;
        }
        for (byte b : vocabulary.bytes(id)) {
            appendByte(b & 0xFF, out);
        }
    }

    @Override
    public void finish(StringBuilder out) {
        if (missing > 0) {
            out.append(Utf8.REPLACEMENT);
            missing = 0;
        }
    }

    private void appendByte(int b, StringBuilder out) {
        if (missing == 0) {
            begin(b, out);
        } else if (b < low || b > high) {
            finish(out); // and this byte may begin a new character
            begin(b, out);
        } else {
            low = 0x80;
            high = 0xBF;
            codePoint = codePoint << 6 | b & 0x3F;
            if (--missing == 0) {
                out.appendCodePoint(codePoint);
            }
        }
    }

    private void begin(int b, StringBuilder out) {
        low = b == 0xE0 ? 0xA0 : b == 0xF0 ? 0x90 : 0x80;
        high = b == 0xED ? 0x9F : b == 0xF4 ? 0x8F : 0xBF;
        if (b < 0x80) {
            out.append((char) b);
        } else if (b >= 0xC2 && b <= 0xDF) {
            hold(b & 0x1F, 1);
        } else if (b >= 0xE0 && b <= 0xEF) {
            hold(b & 0x0F, 2);
        } else if (b >= 0xF0 && b <= 0xF4) {
            hold(b & 0x07, 3);
        } else {
            out.append(Utf8.REPLACEMENT);
        }
    }

    private void hold(int bits, int bytes) {
        codePoint = bits;
        missing = bytes;
    }
}
