package io.spikelet.job.plan;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.udf;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF3;
import org.apache.spark.sql.types.DataTypes;

/** Numbers the lines of text files from 1, although Spark reads a file in blocks and at once. */
final class LineNumbers {
    /** The column with the number. */
    static final String NUMBER = SourceColumns.PREFIX + "line_number";

    private LineNumbers() {}

    /**
     * Adds {@link #NUMBER}; counts the lines of each block in a pass of its own. Numbers do not decide which rows there
     * are: a line of a block that the count did not see fails the query.
     *
     * @param lines all lines, with {@link SourceColumns#position}; from a copy if the cluster may change meanwhile
     */
    static Dataset<Row> add(Dataset<Row> lines) {
        Broadcast<Map<String, Map<Long, Long>>> shifts = JavaSparkContext.fromSparkContext(
                        lines.sparkSession().sparkContext())
                .broadcast(shifts(lines));
        UDF3<String, Long, Long, Long> number = (file, block, ordinal) -> number(shifts.value(), file, block, ordinal);
        return lines.withColumn(
                NUMBER,
                udf(number, DataTypes.LongType)
                        .apply(col(SourceColumns.FILE), col(SourceColumns.BLOCK), col(SourceColumns.ORDINAL)));
    }

    private static long number(Map<String, Map<Long, Long>> shifts, String file, Long block, Long ordinal) {
        Long shift = shifts.getOrDefault(file, Map.of()).get(block);
        if (shift == null) {
            throw new IllegalStateException(
                    "Spark cut the file " + file + " differently when its lines were counted; run the command again");
        }
        return ordinal + shift;
    }

    /** By file and start of a block: what turns an ordinal of the block into the number of its line in the file. */
    private static Map<String, Map<Long, Long>> shifts(Dataset<Row> lines) {
        List<Row> blocks = new ArrayList<>(lines.groupBy(SourceColumns.FILE, SourceColumns.BLOCK)
                .agg(min(SourceColumns.ORDINAL), count(lit(1)))
                .collectAsList());
        blocks.sort(Comparator.comparing((Row block) -> block.getString(0)).thenComparing(block -> block.getLong(1)));
        Map<String, Map<Long, Long>> shifts = new HashMap<>();
        String file = null;
        long before = 0;
        for (Row block : blocks) {
            before = block.getString(0).equals(file) ? before : 0;
            file = block.getString(0);
            shifts.computeIfAbsent(file, ignored -> new HashMap<>())
                    .put(block.getLong(1), before + 1 - block.getLong(2));
            before += block.getLong(3);
        }
        return shifts;
    }
}
