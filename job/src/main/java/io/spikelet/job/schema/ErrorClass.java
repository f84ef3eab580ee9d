package io.spikelet.job.schema;

/** Values of {@code error_class} that the job itself sets; the engine has further ones. */
public final class ErrorClass {
    /** The text column is null. */
    public static final String NULL_INPUT = "null_input";

    /** The text has no characters. */
    public static final String EMPTY_INPUT = "empty_input";

    /** The row's bytes are not UTF-8. */
    public static final String INVALID_UTF8 = "invalid_utf8";

    /** The row exceeded its time limit. */
    public static final String TIMEOUT = "timeout";

    /** The prompt leaves no room in the context, or the text has more tokens than a row may. */
    public static final String TOO_LONG = "too_long";

    /** The documents together have fewer tokens than a protocol that joins them needs. */
    public static final String TOO_SHORT = "too_short";

    /** The row does not match its format. */
    public static final String MALFORMED_ROW = "malformed_row";

    /** The engine failed on this row. */
    public static final String ENGINE_ERROR = "engine_error";

    private ErrorClass() {}
}
