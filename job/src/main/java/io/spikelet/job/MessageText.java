package io.spikelet.job;

/**
 * Makes text that comes from files safe to print: names of files, columns and tensors may contain control characters,
 * which a terminal would interpret. Time is linear in the text.
 */
public final class MessageText {
    /** Most characters of a message; with what a command puts before and after it, it stays below 2,000. */
    public static final int MOST_CHARACTERS = 1800;

    private MessageText() {}

    /** A message as one line of bounded length in which every character shows; null stays null. */
    public static String line(String message) {
        if (message == null) {
            return null;
        }
        StringBuilder line = new StringBuilder(Math.min(message.length(), MOST_CHARACTERS) + 16);
        int end = message.length();
        for (int i = 0; i < end && line.length() <= MOST_CHARACTERS; ) {
            int after = endOfBlanks(message, i);
            if (after == i) {
                appendVisible(message.charAt(i++), line);
                continue;
            }
            if (!line.isEmpty() && after < end) {
                boolean breaks = message.substring(i, after).chars().anyMatch(c -> isBreak((char) c));
                for (int n = i; n < (breaks ? i + 1 : after) && line.length() <= MOST_CHARACTERS; n++) {
                    char c = message.charAt(n);
                    appendVisible(breaks || c == '\t' ? ' ' : c, line);
                }
            }
            i = after;
        }
        return line.length() <= MOST_CHARACTERS ? line.toString() : cut(line, end);
    }

    private static int endOfBlanks(String text, int begin) {
        int end = begin;
        while (end < text.length() && Character.isWhitespace(text.charAt(end))) {
            end++;
        }
        return end;
    }

    /** The text with every control character but line breaks and tabs shown by its number. */
    public static String visible(String text) {
        if (text.chars().noneMatch(c -> isHidden((char) c))) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n' || c == '\t') {
                out.append(c);
            } else {
                appendVisible(c, out);
            }
        }
        return out.toString();
    }

    private static String cut(StringBuilder line, int characters) {
        String ending = "… (a message of " + characters + " characters)";
        int kept = MOST_CHARACTERS - ending.length();
        boolean isInPair = Character.isHighSurrogate(line.charAt(kept - 1));
        return line.substring(0, isInPair ? kept - 1 : kept) + ending;
    }

    private static void appendVisible(char c, StringBuilder out) {
        if (isHidden(c)) {
            String digits = Integer.toHexString(c);
            out.append("\\u").append("0".repeat(4 - digits.length())).append(digits);
        } else {
            out.append(c);
        }
    }

    private static boolean isBreak(char c) {
        return c == '\n' || c == '\r' || c == '\u000b' || c == '\f' || c == '\u2028' || c == '\u2029';
    }

    /** Control characters, and those that change the direction in which a terminal writes. */
    private static boolean isHidden(char c) {
        return Character.isISOControl(c)
                || c == '\u2028'
                || c == '\u2029'
                || (c >= '\u202a' && c <= '\u202e')
                || (c >= '\u2066' && c <= '\u2069');
    }
}
