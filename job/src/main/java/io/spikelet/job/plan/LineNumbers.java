package io.spikelet.job.plan;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.raise_error;
import static org.apache.spark.sql.functions.when;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Numbers the lines of text files from 1, although Spark reads a file in blocks and at once. */
final class LineNumbers {
    /** The column with the number. */
    static final String NUMBER = SourceColumns.PREFIX + "line_number";

    private static final String SHIFT = SourceColumns.PREFIX + "shift";
    private static final StructType SHIFTS = new StructType()
            .add(SourceColumns.FILE, DataTypes.StringType)
            .add(SourceColumns.BLOCK, DataTypes.LongType)
            .add(SHIFT, DataTypes.LongType);

    private LineNumbers() {}

    /**
     * Adds {@link #NUMBER}; counts the lines of each block in a pass of its own. Numbers do not decide which rows there
     * are: a line of a block that the count did not see fails the query.
     *
     * @param lines all lines, with {@link SourceColumns#position}; from a {@link RowCopy} if the cluster may change meanwhile
     */
    static Dataset<Row> add(Dataset<Row> lines) {
        Dataset<Row> shifts = broadcast(lines.sparkSession().createDataFrame(shifts(lines), SHIFTS));
        Column isInBlock = lines.col(SourceColumns.FILE)
                .equalTo(shifts.col(SourceColumns.FILE))
                .and(lines.col(SourceColumns.BLOCK).equalTo(shifts.col(SourceColumns.BLOCK)));
        Column unknown = raise_error(concat(
                lit("Spark cut the file "),
                lines.col(SourceColumns.FILE),
                lit(" differently when its lines were counted; run the command again")));
        Column number = when(col(SHIFT).isNotNull(), col(SourceColumns.ORDINAL).plus(col(SHIFT)))
                .otherwise(unknown.cast(DataTypes.LongType));
        return lines.join(shifts, isInBlock, "left_outer")
                .withColumn(NUMBER, number)
                .drop(shifts.col(SourceColumns.FILE))
                .drop(shifts.col(SourceColumns.BLOCK))
                .drop(SHIFT);
    }

    /** What turns an ordinal of a block into the number of its line in the file. */
    private static List<Row> shifts(Dataset<Row> lines) {
        List<Row> blocks = new ArrayList<>(lines.groupBy(SourceColumns.FILE, SourceColumns.BLOCK)
                .agg(min(SourceColumns.ORDINAL), count(lit(1)))
                .collectAsList());
        blocks.sort(Comparator.comparing((Row block) -> block.getString(0)).thenComparing(block -> block.getLong(1)));
        List<Row> shifts = new ArrayList<>();
        String file = null;
        long before = 0;
        for (Row block : blocks) {
            before = block.getString(0).equals(file) ? before : 0;
            file = block.getString(0);
            shifts.add(RowFactory.create(file, block.getLong(1), before + 1 - block.getLong(2)));
            before += block.getLong(3);
        }
        return shifts;
    }
}
