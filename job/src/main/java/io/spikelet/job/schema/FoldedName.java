package io.spikelet.job.schema;

import java.util.Locale;

/** Names of columns as Spark SQL compares them. */
public final class FoldedName {
    private FoldedName() {}

    /**
     * Equal for two names that differ in case alone: by {@link String#equalsIgnoreCase}, as in a query, or by {@link
     * String#toLowerCase}, as in a table. The former takes the micro sign for the Greek letter, for example.
     */
    public static String of(String name) {
        return name.toLowerCase(Locale.ROOT)
                .codePoints()
                .map(c -> Character.toLowerCase(Character.toUpperCase(c)))
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString()
                .replace("i\u0307", "i"); // of the capital I with a dot
    }
}
