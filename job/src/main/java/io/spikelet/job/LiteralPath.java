package io.spikelet.job;

import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.SparkSession;

/**
 * Paths of what a run itself writes and reads again. Special characters have no
 * meaning in them: {@code res[1]} does not match {@code res1}, and {@code 10:30} has no scheme.
 */
public final class LiteralPath {
    /** A scheme of at least two letters, since one is a drive, and a path that begins at the root. */
    private static final Pattern URI = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:/.*", Pattern.DOTALL);

    /** Spark's option of its file sources that turns patterns off. */
    private static final String PATTERNS = "__globPaths__";

    private LiteralPath() {}

    /** Whether a text is a URI and no path of the default file system. */
    public static boolean isUri(String text) {
        return URI.matcher(text).matches();
    }

    /** The path that a user names. */
    public static Path of(String text) {
        return isUri(text) || text.isEmpty() ? new Path(text) : new Path(null, null, text);
    }

    /** Reads paths as they are. */
    public static DataFrameReader read(SparkSession spark) {
        return spark.read().option(PATTERNS, false);
    }
}
