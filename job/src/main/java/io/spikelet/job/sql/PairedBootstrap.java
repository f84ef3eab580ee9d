package io.spikelet.job.sql;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udaf;

import io.spikelet.engine.score.Bootstrap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A bootstrap over the documents of a comparison: each replicate draws documents with the scores of both models. The
 * same bits for every partitioning.
 */
final class PairedBootstrap {
    private static final StructType INPUT = new StructType()
            .add("row_id", DataTypes.StringType, false)
            .add("nll", DataTypes.DoubleType, false)
            .add("baseline_nll", DataTypes.DoubleType, false)
            .add("scored_tokens", DataTypes.LongType, false);

    private static final int MEASURES = 3;

    private PairedBootstrap() {}

    /** The aggregate over rows of the document_comparisons table that have no error. */
    static Column ofDocuments() {
        ExactAggregate.Step<Bootstrap, Row> add = (draws, document) ->
                draws.add(document.getString(0), document.getDouble(1), document.getDouble(2), document.getLong(3));
        return udaf(
                        new ExactAggregate<>(
                                Bootstrap.class,
                                () -> new Bootstrap(
                                        Confidence.DEFAULT.seed(), Confidence.DEFAULT.replicates(), MEASURES),
                                add,
                                Bootstrap::merge,
                                Bootstrap::state,
                                Encoders.BINARY()),
                        Encoders.row(INPUT))
                .apply(col("row_id"), col("nll"), col("baseline_nll"), col("scored_tokens"));
    }

    /** The interval of the difference of perplexities, from the aggregate. */
    static Bootstrap.Interval perplexityDifference(byte[] state) {
        return Bootstrap.of(state)
                .interval(totals -> StrictMath.exp(totals[0] / totals[2]) - StrictMath.exp(totals[1] / totals[2]));
    }
}
