package io.spikelet.engine.message;

import java.util.List;

/** Shortens values from files for messages: long values are cut, and the original length is given. Stateless. */
public final class Excerpt {
    /** Maximum length of a message, in characters. */
    public static final int MOST_CHARACTERS = 1800;

    private static final int MOST_OF_A_TEXT = 120;
    private static final int MOST_ITEMS = 8;
    private static final int BEGINNING = 1200;

    private Excerpt() {}

    /** A text, or its beginning. */
    public static String of(String text) {
        return text.length() <= MOST_OF_A_TEXT
                ? text
                : beginning(text, MOST_OF_A_TEXT - 40) + "… (" + text.length() + " characters)";
    }

    /** A list, or its first items. */
    public static String of(List<?> items) {
        if (items.size() <= MOST_ITEMS) {
            return of(items.toString());
        }
        String first = items.subList(0, MOST_ITEMS).toString();
        return of(first.substring(0, first.length() - 1)) + ", … (" + items.size() + " in all)]";
    }

    /** A message of bounded length: the middle of a longer message is left out, since it is part of some value. */
    public static String message(String message) {
        if (message == null || message.length() <= MOST_CHARACTERS) {
            return message;
        }
        String gap = " … (a message of " + message.length() + " characters) … ";
        int end = message.length() - (MOST_CHARACTERS - BEGINNING - gap.length());
        boolean isInPair = Character.isLowSurrogate(message.charAt(end));
        return beginning(message, BEGINNING) + gap + message.substring(isInPair ? end + 1 : end);
    }

    private static String beginning(String text, int length) {
        boolean isInPair = Character.isHighSurrogate(text.charAt(length - 1));
        return text.substring(0, isInPair ? length - 1 : length);
    }
}
