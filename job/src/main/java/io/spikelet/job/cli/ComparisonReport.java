package io.spikelet.job.cli;

import io.spikelet.job.action.SqlAction;
import io.spikelet.job.sql.ResultFormat;
import java.io.PrintWriter;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/** What a comparison prints: the numbers, then the documents with the largest loss. */
final class ComparisonReport {
    private static final String SUMMARY = """
            SELECT * FROM (SELECT protocol, stack(17,
                'documents', CAST(documents AS DOUBLE), NULL,
                'scored tokens', CAST(scored_tokens AS DOUBLE), NULL,
                'perplexity', perplexity, NULL,
                'perplexity of the baseline', baseline_perplexity, NULL,
                'difference of perplexity', perplexity_difference, perplexity_difference_stderr,
                'its 2.5th percentile, bootstrap', perplexity_difference_low, NULL,
                'its 97.5th percentile, bootstrap', perplexity_difference_high, NULL,
                'difference of nll per token', nll_difference, nll_difference_stderr,
                'difference of bits per byte', bits_per_byte_difference, NULL,
                'mean KL divergence per token', mean_kl_divergence, NULL,
                'largest KL divergence', max_kl_divergence, NULL,
                'top-1 agreement', same_top_share, NULL,
                'mean Δp', mean_p_change, NULL,
                'root mean square Δp', rms_p_change, NULL,
                'Δp, 1st percentile', p_change_quantiles[0], NULL,
                'Δp, median', p_change_quantiles[3], NULL,
                'Δp, 99th percentile', p_change_quantiles[6], NULL) AS (measure, value, standard_error)
            FROM comparison_summary) WHERE value IS NOT NULL""";

    private static final String WORST = """
            SELECT row_id, protocol, scored_tokens, (nll - baseline_nll) / scored_tokens AS nll_difference%s
            FROM document_comparisons WHERE error_class IS NULL ORDER BY nll_difference DESC, row_id LIMIT 10""";

    private static final String DIVERGENCE =
            ", kl_divergence / scored_tokens AS kl_divergence, same_top / scored_tokens AS same_top_share";

    private ComparisonReport() {}

    /** @param hasDistributions whether both models ran; finished runs have no distributions to compare */
    static void print(SparkSession spark, String output, boolean hasDistributions, PrintWriter out, PrintWriter err) {
        List<String> results = List.of(output);
        new SqlAction(results, SUMMARY, ResultFormat.TABLE).execute(spark, out, err);
        out.println();
        out.println("documents with the largest loss per token:");
        new SqlAction(results, WORST.formatted(hasDistributions ? DIVERGENCE : ""), ResultFormat.TABLE)
                .execute(spark, out, err);
    }
}
