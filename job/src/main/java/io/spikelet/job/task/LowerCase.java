package io.spikelet.job.task;

/**
 * Lower case as Python's {@code str.lower}, in linear time: the JDK's method takes quadratic time if a character
 * becomes two, and searches word boundaries around every capital sigma. Stateless.
 */
final class LowerCase {
    private static final int CAPITAL_SIGMA = 0x3A3;
    private static final int SMALL_SIGMA = 0x3C3;
    private static final int FINAL_SIGMA = 0x3C2;
    private static final int DOTTED_CAPITAL_I = 0x130;
    private static final String DOTTED_SMALL_I = "i\u0307";

    /** Characters within words that are not letters (Unicode's Case_Ignorable), in addition to marks and modifiers. */
    private static final String WITHIN_WORDS =
            "'.:\u00b7\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a";

    private LowerCase() {}

    static String of(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        boolean afterCased = false;
        int followed = -1; // position of the character that decides about the sigmas before it
        for (int at = 0; at < text.length(); ) {
            int c = text.codePointAt(at);
            at += Character.charCount(c);
            if (c == DOTTED_CAPITAL_I) {
                out.append(DOTTED_SMALL_I);
            } else if (c == CAPITAL_SIGMA) {
                if (followed < at) {
                    followed = skipIgnorable(text, at);
                }
                boolean beforeCased = followed < text.length() && isCased(text.codePointAt(followed));
                out.append((char) (afterCased && !beforeCased ? FINAL_SIGMA : SMALL_SIGMA));
            } else {
                out.appendCodePoint(Character.toLowerCase(c));
            }
            afterCased = isIgnorable(c) ? afterCased : isCased(c);
        }
        return out.toString();
    }

    private static int skipIgnorable(String text, int from) {
        int at = from;
        while (at < text.length() && isIgnorable(text.codePointAt(at))) {
            at += Character.charCount(text.codePointAt(at));
        }
        return at;
    }

    private static boolean isCased(int c) {
        return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
    }

    private static boolean isIgnorable(int c) {
        return WITHIN_WORDS.indexOf(c) >= 0
                || switch (Character.getType(c)) {
                    case Character.NON_SPACING_MARK,
                            Character.ENCLOSING_MARK,
                            Character.FORMAT,
                            Character.MODIFIER_LETTER,
                            Character.MODIFIER_SYMBOL -> true;
                    default -> false;
                };
    }
}
