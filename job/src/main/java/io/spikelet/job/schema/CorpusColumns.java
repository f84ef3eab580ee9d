package io.spikelet.job.schema;

import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.createArrayType;

import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * Rows on the way from documents to one string and back: those of the input without their text, and windows of the string
 * without an input's columns. Both begin with the columns of the input rows; these follow.
 */
public final class CorpusColumns {
    /** Which string, where the protocols of a run read several. */
    public static final String LAYOUT = "__spikelet_layout";

    /** Tokens that begin in a document; null for a window. */
    public static final String TOKENS = "__spikelet_joined_tokens";

    /** The prefix token of the string; null for a window or if there is none. */
    public static final String PREFIX = "__spikelet_prefix";

    /** What the model reads; null for a document. */
    public static final String WINDOW = "__spikelet_window";

    /** What is scored in it and whose that is; null for a document. */
    public static final String SCORED = "__spikelet_scored";

    /** What the row ids of windows begin with; the hash of what the model reads follows. */
    public static final String WINDOW_ID_PREFIX = "window-";

    /** Tokens, all but the last of them input, and the first of them that is scored. */
    public static final StructType WINDOW_TYPE = new StructType()
            .add("token_ids", createArrayType(IntegerType, false))
            .add("score_from", IntegerType);

    /**
     * The window's number, the position of its first scored token in the string, bytes where the scored tokens begin and
     * the last ends, a weight for each protocol, and the documents in turn with the count of tokens up to which they own.
     */
    public static final StructType SCORED_TYPE = new StructType()
            .add("number", IntegerType)
            .add("position", IntegerType)
            .add("edges", createArrayType(IntegerType, false))
            .add("weights", createArrayType(DoubleType, false))
            .add(
                    "owners",
                    createArrayType(
                            new StructType()
                                    .add("row_id", StringType)
                                    .add("content_sha256", StringType)
                                    .add("up_to", IntegerType)
                                    .add("begin", IntegerType),
                            false));

    private static final StructType COLUMNS = new StructType()
            .add(LAYOUT, IntegerType)
            .add(TOKENS, LongType)
            .add(PREFIX, IntegerType)
            .add(WINDOW, WINDOW_TYPE)
            .add(SCORED, SCORED_TYPE);

    private CorpusColumns() {}

    /** These columns behind those of the input rows. */
    public static StructType append(StructType input) {
        return Columns.joined(input, COLUMNS);
    }

    /** Values of a row: the input row's, and room for these columns. */
    public static Object[] values(Row input) {
        Object[] values = new Object[input.size() + COLUMNS.size()];
        for (int i = 0; i < input.size(); i++) {
            values[i] = input.get(i);
        }
        return values;
    }

    /** Sets one of these columns. */
    public static void set(Object[] values, String column, Object value) {
        values[values.length - COLUMNS.size() + COLUMNS.fieldIndex(column)] = value;
    }
}
