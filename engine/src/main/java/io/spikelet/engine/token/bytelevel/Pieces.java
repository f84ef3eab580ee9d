package io.spikelet.engine.token.bytelevel;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts a text as GPT-2 does; every character is in exactly one piece. Merging never crosses a cut. */
final class Pieces {
    private static final Pattern PIECE = Pattern.compile(
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
            Pattern.UNICODE_CHARACTER_CLASS); // \s is Unicode's White_Space

    private final Matcher matcher;

    Pieces(CharSequence text) {
        this.matcher = PIECE.matcher(text);
    }

    /** The end of the next piece, which begins at the end of the previous one; -1 after the last. */
    int next() {
        return matcher.find() ? matcher.end() : -1;
    }
}
