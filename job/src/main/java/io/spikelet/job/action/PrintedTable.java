package io.spikelet.job.action;

import io.spikelet.job.LiteralPath;
import io.spikelet.job.sql.ResultFormat;
import io.spikelet.job.sql.ResultPrinter;
import java.io.PrintWriter;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A table of a run as its command prints it. It needs no SQL, whose parser takes a while to start.
 *
 * @param view the columns that are printed, in their order
 */
public record PrintedTable(String name, UnaryOperator<Dataset<Row>> view) {
    /** Prints its rows. */
    public void print(SparkSession spark, RunResult result, PrintWriter out, PrintWriter err) {
        String folder = result.output() + "/" + name;
        try (SmallWork ignored = SmallWork.on(spark, List.of(folder))) {
            SparkFailure.asFailedRun(() -> {
                Dataset<Row> rows = view.apply(LiteralPath.table(spark, folder));
                ResultPrinter.print(rows, ResultFormat.TABLE, ResultPrinter.WIDEST_CELL, out, err);
                return null;
            });
        }
    }
}
