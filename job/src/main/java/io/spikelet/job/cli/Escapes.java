package io.spikelet.job.cli;

import io.spikelet.job.UsageException;

/** Escapes for line breaks and tabs in options, which are hard to type in a shell. */
final class Escapes {
    private Escapes() {}

    /**
     * The text with {@code \n}, {@code \r}, {@code \t} and {@code \\} replaced.
     *
     * @throws UsageException if another character follows a backslash
     */
    static String resolve(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char next = ++i < text.length() ? text.charAt(i) : ' ';
            out.append(
                    switch (next) {
                        case 'n' -> '\n';
                        case 'r' -> '\r';
                        case 't' -> '\t';
                        case '\\' -> '\\';
                        default ->
                            throw new UsageException("\"" + text + "\" has a backslash before '" + next
                                    + "'; it must stand before n, r, t or another backslash");
                    });
        }
        return out.toString();
    }
}
