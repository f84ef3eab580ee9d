package io.spikelet.engine.token.bytelevel;

import io.spikelet.engine.token.Utf8;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;

/**
 * A text in NFC, and the origin of its parts. Immutable.
 *
 * @param text in NFC
 * @param changed the parts that differ from the original, in order
 */
record NormalForm(String text, List<Part> changed) {
    /** Corresponding byte ranges in the UTF-8 of the normal form and of the original text. */
    record Part(int from, int to, int originFrom, int originTo) {}

    private static final int FIRST_MARK = 0x300; // below this, no character composes with the one before it

    /** @param composes whether the text is normalised to NFC at all */
    static NormalForm of(String original, boolean composes) {
        if (!composes || Normalizer.isNormalized(original, Normalizer.Form.NFC)) {
            return new NormalForm(original, List.of());
        }
        String whole = Normalizer.normalize(original, Normalizer.Form.NFC);
        StringBuilder joined = new StringBuilder();
        List<Part> changed = new ArrayList<>();
        int at = 0;
        int origin = 0;
        for (int begin = 0; begin < original.length(); ) {
            int end = end(original, begin);
            String part = original.substring(begin, end);
            String form = Normalizer.normalize(part, Normalizer.Form.NFC);
            int length = Math.toIntExact(Utf8.length(form));
            int originLength = Math.toIntExact(Utf8.length(part));
            if (!form.equals(part)) {
                changed.add(new Part(at, at + length, origin, origin + originLength));
            }
            joined.append(form);
            at += length;
            origin += originLength;
            begin = end;
        }
        if (!whole.contentEquals(joined)) { // a composition across parts: treat the whole text as one part
            int length = Math.toIntExact(Utf8.length(whole));
            changed = List.of(new Part(0, length, 0, origin));
        }
        return new NormalForm(whole, List.copyOf(changed));
    }

    /** The end of a character and the characters that may compose with it. */
    private static int end(String text, int begin) {
        int end = begin + Character.charCount(text.codePointAt(begin));
        while (end < text.length() && mayCompose(text.codePointAt(end))) {
            end += Character.charCount(text.codePointAt(end));
        }
        return end;
    }

    /** Whether a character may compose with the one before it: marks, vowels and finals of Hangul, vowels of Kirat Rai. */
    private static boolean mayCompose(int codePoint) {
        if (codePoint < FIRST_MARK) {
            return false;
        }
        return switch (Character.getType(codePoint)) {
            case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK -> true;
            default -> codePoint >= 0x1160 && codePoint <= 0x11FF || codePoint >= 0x16D60 && codePoint <= 0x16D6F;
        };
    }

    /**
     * The positions in the original text's UTF-8 of token edges. An edge within a changed part is mapped to the
     * beginning of the part, so that the part belongs to the last of its tokens.
     *
     * @param edges ascending, in the normal form's UTF-8
     */
    int[] origins(int[] edges) {
        if (changed.isEmpty()) {
            return edges;
        }
        int[] origins = new int[edges.length];
        int next = 0;
        for (int i = 0; i < edges.length; i++) {
            while (next < changed.size() && changed.get(next).to() <= edges[i]) {
                next++;
            }
            int shift = next == 0
                    ? 0
                    : changed.get(next - 1).originTo() - changed.get(next - 1).to();
            boolean within = next < changed.size() && changed.get(next).from() < edges[i];
            origins[i] = within ? changed.get(next).originFrom() : edges[i] + shift;
        }
        return origins;
    }
}
