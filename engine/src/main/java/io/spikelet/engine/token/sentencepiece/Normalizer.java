package io.spikelet.engine.token.sentencepiece;

import io.spikelet.engine.token.Utf8;
import io.spikelet.engine.token.sentencepiece.ModelProto.NormalizerSpec;
import java.nio.charset.StandardCharsets;

/**
 * Prepares a text for merging: maps characters, collapses, trims and escapes whitespace as the model specifies, and
 * keeps user-defined symbols unchanged. Immutable and thread-safe.
 */
final class Normalizer {
    private static final byte[] BLANK = {' '};
    private static final byte[] NOTHING = {};

    private final CharMap charMap; // null for the identity
    private final SymbolMatcher symbols;
    private final boolean removeExtraWhitespaces;
    private final byte[] space;
    private final byte[] prefix;
    private final byte[] suffix;

    Normalizer(NormalizerSpec spec, boolean whitespaceAsSuffix, SymbolMatcher symbols) {
        charMap = spec.charMap().length == 0 ? null : new CharMap(spec.charMap());
        this.symbols = symbols;
        removeExtraWhitespaces = spec.removeExtraWhitespaces();
        space = spec.escapeWhitespaces() ? Vocabulary.SPACE.getBytes(StandardCharsets.UTF_8) : BLANK;
        prefix = spec.addDummyPrefix() && !whitespaceAsSuffix ? space : NOTHING;
        suffix = spec.addDummyPrefix() && whitespaceAsSuffix ? space : NOTHING;
    }

    /** Whether normalization keeps every character except blanks. */
    boolean keepsCharacters() {
        return charMap == null;
    }

    /** @param tracksOrigins whether the result records the origin of its bytes in {@code text} */
    ByteText normalize(byte[] text, boolean tracksOrigins) {
        Chunk chunk = new Chunk(text);
        int at = removeExtraWhitespaces ? endOfLeadingSpaces(chunk) : 0;
        ByteText out = new ByteText(Math.addExact(text.length, prefix.length + suffix.length), tracksOrigins);
        if (at == text.length) {
            return out;
        }
        out.from(at);
        out.append(prefix);
        boolean afterSpace = removeExtraWhitespaces;
        while (at < text.length) {
            chunk.origin = at;
            at = read(chunk, at);
            if (afterSpace) {
                chunk.skipSpaces();
            }
            if (chunk.from < chunk.to) {
                afterSpace = removeExtraWhitespaces && chunk.source[chunk.to - 1] == ' ';
                appendEscaped(chunk, out);
            }
        }
        while (removeExtraWhitespaces && out.endsWith(space)) {
            out.dropLast(space.length);
        }
        out.from(text.length);
        out.append(suffix);
        return out;
    }

    private int endOfLeadingSpaces(Chunk chunk) {
        int at = 0;
        while (at < chunk.text.length) {
            int next = read(chunk, at);
            if (chunk.to - chunk.from != 1 || chunk.source[chunk.from] != ' ') {
                break;
            }
            at = next;
        }
        return at;
    }

    /**
     * Sets the chunk to the normalised form of the symbol, rule match or character at {@code at}; returns where the
     * next begins.
     */
    private int read(Chunk chunk, int at) {
        byte[] text = chunk.text;
        int symbol = symbols.longestMatch(text, at, text.length);
        if (symbol > 0) {
            return chunk.copy(at, at + symbol);
        }
        long rule = charMap == null ? 0 : charMap.longestMatch(text, at, text.length);
        if (rule == 0) {
            return chunk.copy(at, at + Utf8.length(text, at, text.length));
        }
        chunk.source = charMap.replacements();
        chunk.from = (int) rule;
        chunk.to = chunk.from;
        while (chunk.source[chunk.to] != 0) {
            chunk.to++;
        }
        return at + (int) (rule >>> 32);
    }

    private void appendEscaped(Chunk chunk, ByteText out) {
        for (int i = chunk.from; i < chunk.to; i++) {
            out.from(chunk.source == chunk.text ? i : chunk.origin); // a replacement has one origin as a whole
            byte b = chunk.source[i];
            if (b == ' ') {
                out.append(space);
            } else {
                out.append(b);
            }
        }
    }

    /** {@code source[from .. to)}, either of the text or of the replacements. */
    private static final class Chunk {
        private final byte[] text;
        private byte[] source;
        private int from;
        private int to;
        private int origin; // position of the chunk in the text

        Chunk(byte[] text) {
            this.text = text;
        }

        int copy(int start, int end) {
            source = text;
            from = start;
            to = end;
            return end;
        }

        void skipSpaces() {
            while (from < to && source[from] == ' ') {
                from++;
            }
        }
    }
}
