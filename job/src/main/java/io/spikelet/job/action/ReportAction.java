package io.spikelet.job.action;

import io.spikelet.job.LiteralPath;
import io.spikelet.job.UsageException;
import io.spikelet.job.report.Report;
import io.spikelet.job.sql.ResultViews;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/**
 * Writes an HTML page about the tables of a run.
 *
 * @param groupBy columns of completions or compared documents that make groups; empty to find one
 * @param withTexts whether prompts, completions and excerpts of documents may be shown
 */
public record ReportAction(String results, List<String> groupBy, boolean withTexts) {
    public ReportAction {
        groupBy = List.copyOf(groupBy);
    }

    /** Checks what needs no Spark. */
    public ReportAction check() {
        ResultViews.tables(results, new Configuration());
        return this;
    }

    /**
     * The page.
     *
     * @throws UsageException if the directory holds no tables of a run
     */
    public String execute(SparkSession spark) {
        Map<String, String> tables =
                ResultViews.tables(results, spark.sparkContext().hadoopConfiguration());
        try (SmallWork small = SmallWork.on(spark, List.of(results))) {
            return SparkFailure.asUsage(
                    "cannot report on " + results + ", of which a table is damaged or no table of a run",
                    () -> Report.of(
                            tables,
                            path -> small.held(LiteralPath.table(spark, path)),
                            groupBy,
                            withTexts ? new InputTexts(spark) : Report.Texts.HIDDEN));
        }
    }
}
