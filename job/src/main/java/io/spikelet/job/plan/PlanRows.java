package io.spikelet.job.plan;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.octet_length;
import static org.apache.spark.sql.functions.when;

import io.spikelet.job.schema.Columns;
import java.util.OptionalLong;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The rows of a job.
 *
 * @param rows each with row_id and content_sha256, which name its work, and {@link InputRows#OCCURRENCE}
 * @param schema of the rows as a task sees them
 * @param tokens estimated cost of a row
 * @param documents rows of the input; empty if they are all rows but the windows
 * @param windows rows that are none of the input's
 */
public record PlanRows(Dataset<Row> rows, StructType schema, Column tokens, OptionalLong documents, long windows) {
    private static final int BYTES_PER_TOKEN = 4;

    /**
     * The rows of an input.
     *
     * @param partitions in which it is read
     * @param expectedTokens that a row generates
     */
    public static PlanRows of(InputRows input, int partitions, int expectedTokens) {
        return new PlanRows(input.planned(partitions), schema(input), tokens(expectedTokens), OptionalLong.empty(), 0);
    }

    /** Rows that are none of the input's; their ids are distinct. */
    public static Dataset<Row> windows(Dataset<Row> windows) {
        return windows.withColumn(InputRows.OCCURRENCE, lit(InputRows.FIRST));
    }

    /** Such rows and those of an input, which have no value in the column that only windows have. */
    public static Dataset<Row> windowsAnd(Dataset<Row> windows, InputRows input, int partitions, String column) {
        Dataset<Row> documents = input.planned(partitions)
                .withColumn(
                        column, lit(null).cast(windows.schema().apply(column).dataType()));
        return windows(windows).unionByName(documents);
    }

    /** The schema of an input's rows. */
    public static StructType schema(InputRows input) {
        return Columns.joined(InputRows.LEADING_COLUMNS, input.passThrough());
    }

    /** Estimated cost of a row of an input. */
    public static Column tokens(int expectedTokens) {
        return when(
                        col("error_class").isNull(),
                        floor(octet_length(col(InputRows.TEXT)).divide(BYTES_PER_TOKEN))
                                .plus(expectedTokens)
                                .multiply(col(InputRows.SAMPLES)))
                .otherwise(0L)
                .cast(DataTypes.LongType);
    }
}
