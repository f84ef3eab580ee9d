package io.spikelet.job.action;

import io.spikelet.job.UsageException;
import io.spikelet.job.sql.ResultFormat;
import io.spikelet.job.sql.ResultPrinter;
import io.spikelet.job.sql.ResultViews;
import io.spikelet.job.sql.SpikeletFunctions;
import java.io.PrintWriter;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/** Answers one SQL statement over the tables of result directories, with {@link SpikeletFunctions}. */
public final class SqlAction {
    private final List<String> results;
    private final String query;
    private final ResultFormat format;

    public SqlAction(List<String> results, String query, ResultFormat format) {
        this.results = List.copyOf(results);
        this.query = query;
        this.format = format;
    }

    /** Checks what needs no Spark. */
    public SqlAction check() {
        results.forEach(directory -> ResultViews.tables(directory, new Configuration()));
        return this;
    }

    /**
     * Prints the answer.
     *
     * @param out rows and nothing else
     * @throws UsageException if a directory holds no tables, or the statement is wrong
     */
    public void execute(SparkSession spark, PrintWriter out, PrintWriter err) {
        SparkFailure.asUsage("cannot read --results " + String.join(", ", results), () -> {
            ResultViews.create(spark, results);
            SpikeletFunctions.register(spark);
            return null;
        });
        SparkFailure.asStatement(() -> ResultPrinter.print(spark.sql(query), format, out, err));
    }
}
