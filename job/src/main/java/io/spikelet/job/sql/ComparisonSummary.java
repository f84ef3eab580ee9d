package io.spikelet.job.sql;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.sum;

import io.spikelet.engine.score.Bootstrap;
import io.spikelet.job.schema.Tables;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** The summary of a document_comparisons table, a row per protocol. Documents with an error are left out. */
public record ComparisonSummary(Dataset<Row> comparisons, String runId) {
    private static final double[] QUANTILES = {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99};

    public ComparisonSummary {
        comparisons = comparisons.where(col("error_class").isNull());
    }

    /** The rows of the table. */
    public Dataset<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (Row totals : comparisons
                .groupBy(col("protocol"))
                .agg(
                        count(lit(1)),
                        sum(col("scored_tokens")),
                        sum(col("bytes")),
                        ExactAggregate.total(col("nll")),
                        ExactAggregate.total(col("baseline_nll")),
                        ExactAggregate.total(col("kl_divergence")),
                        count(col("kl_divergence")),
                        sum(col("same_top")))
                .orderBy(col("protocol"))
                .collectAsList()) {
            rows.add(row(totals));
        }
        return comparisons.sparkSession().createDataFrame(rows, Tables.COMPARISON_SUMMARY_COLUMNS);
    }

    private Row row(Row totals) {
        String protocol = totals.getString(0);
        Dataset<Row> documents = comparisons.where(col("protocol").equalTo(protocol));
        long count = totals.getLong(1);
        double tokens = totals.getLong(2);
        double nll = totals.getDouble(4);
        double baselineNll = totals.getDouble(5);
        boolean hasDistributions = totals.getLong(7) == count;
        double perplexity = StrictMath.exp(nll / tokens);
        double baseline = StrictMath.exp(baselineNll / tokens);
        // both by the delta method with documents as the sampling unit; both models scored the same documents
        Column residual = residual("nll", nll, tokens).minus(residual("baseline_nll", baselineNll, tokens));
        Column weighted = residual("nll", nll, tokens)
                .multiply(perplexity)
                .minus(residual("baseline_nll", baselineNll, tokens).multiply(baseline));
        Row squares = documents
                .agg(
                        ExactAggregate.total(weighted.multiply(weighted)),
                        ExactAggregate.total(residual.multiply(residual)),
                        PairedBootstrap.ofDocuments())
                .head();
        Bootstrap.Interval interval = PairedBootstrap.perplexityDifference((byte[]) squares.get(2));
        Row changes = changes(documents);
        double[] quantiles = Quantiles.of(tokens(documents), col("token.p_change"), QUANTILES);
        long changed = changes.getLong(3);
        return RowFactory.create(
                runId,
                protocol,
                count,
                totals.getLong(2),
                perplexity,
                baseline,
                perplexity - baseline,
                error(squares.getDouble(0), count, tokens),
                defined(interval.low()),
                defined(interval.high()),
                (nll - baselineNll) / tokens,
                error(squares.getDouble(1), count, tokens),
                (nll - baselineNll) / totals.getLong(3) / StrictMath.log(2),
                hasDistributions ? (Double) (totals.getDouble(6) / tokens) : null,
                changes.get(2),
                hasDistributions ? (Double) (totals.getLong(8) / tokens) : null,
                changed == 0 ? null : (Double) (changes.getDouble(0) / changed),
                changed == 0 ? null : (Double) Math.sqrt(changes.getDouble(1) / changed),
                changed == 0 ? null : quantiles);
    }

    private static Double defined(double value) {
        return Double.isNaN(value) ? null : (Double) value;
    }

    /** The deviation of a document from the mean nll, times the number of all tokens. */
    private static Column residual(String column, double total, double tokens) {
        return col(column).minus(col("scored_tokens").multiply(total / tokens));
    }

    private static Double error(double squares, long documents, double tokens) {
        return documents < 2 ? null : (Double) (Math.sqrt(squares * documents / (documents - 1.0)) / tokens);
    }

    /** Sum of the changes of p and of their squares, the largest divergence, the number of changes. */
    private static Row changes(Dataset<Row> documents) {
        Column change = col("token.p_change");
        return tokens(documents)
                .agg(
                        coalesce(ExactAggregate.total(change), lit(0.0)),
                        coalesce(ExactAggregate.total(change.multiply(change)), lit(0.0)),
                        max(col("token.kl_divergence")),
                        count(change))
                .head();
    }

    private static Dataset<Row> tokens(Dataset<Row> documents) {
        return documents.select(explode(col("token_comparisons")).as("token"));
    }
}
