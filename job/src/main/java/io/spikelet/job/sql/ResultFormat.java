package io.spikelet.job.sql;

import io.spikelet.job.UsageException;
import java.util.Arrays;
import java.util.Locale;

/** How the rows of a query are printed. */
public enum ResultFormat {
    /** Aligned columns. */
    TABLE,
    /** RFC 4180 with a header. */
    CSV,
    /** One object per line, nulls included. */
    JSON;

    /** The name on the command line. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The format of a name on the command line.
     *
     * @throws UsageException if there is none
     */
    public static ResultFormat named(String label) {
        return Arrays.stream(values())
                .filter(format -> format.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new UsageException("--format is " + label + "; it must be table, csv or json"));
    }
}
