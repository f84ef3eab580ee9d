package io.spikelet.job.sql;

import static org.apache.spark.sql.functions.udaf;

import io.spikelet.engine.score.NllSummary;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * SQL functions over the result tables, for any session:
 *
 * <ul>
 *   <li>{@code perplexity(nll)}: exp of the mean, over rows of one token each; null without rows
 *   <li>{@code bits_per_byte(nll, bytes)}: sum of nll over sum of bytes over ln 2; rows are tokens or documents
 *   <li>{@code nll_summary(nll, tokens, bytes)}: the sums over documents as BINARY, to be kept and merged
 *   <li>{@code nll_merge(summary)}: one of many, as if all their documents had been in it
 *   <li>{@code nll_metrics(summary)}: a struct of documents, tokens, bytes, nll, perplexity, standard_error,
 *       bits_per_byte and bits_per_byte_error; the errors have documents as the sampling unit
 * </ul>
 *
 * Sums are exact: neither the order of the rows nor partitions show in the bits. Rows with a null do not count.
 */
public final class SpikeletFunctions {
    private static final StructType TOKEN = new StructType().add("nll", DataTypes.DoubleType);
    private static final StructType TOKEN_BYTES = TOKEN.add("bytes", DataTypes.LongType);
    private static final StructType DOCUMENT =
            TOKEN.add("tokens", DataTypes.LongType).add("bytes", DataTypes.LongType);
    private static final StructType STATE = new StructType().add("summary", DataTypes.BinaryType);
    private static final StructType METRICS = new StructType()
            .add("documents", DataTypes.LongType)
            .add("tokens", DataTypes.LongType)
            .add("bytes", DataTypes.LongType)
            .add("nll", DataTypes.DoubleType)
            .add("perplexity", DataTypes.DoubleType)
            .add("standard_error", DataTypes.DoubleType)
            .add("bits_per_byte", DataTypes.DoubleType)
            .add("bits_per_byte_error", DataTypes.DoubleType);

    private SpikeletFunctions() {}

    /** Registers them in a session, replacing functions of the same names. */
    public static void register(SparkSession spark) {
        register(
                spark,
                "perplexity",
                TOKEN,
                (summary, row) -> summary.add(1, 1, 0, 0, row.getDouble(0), 0),
                summary -> SummaryMetrics.defined(summary.perplexity()),
                Encoders.DOUBLE());
        register(
                spark,
                "bits_per_byte",
                TOKEN_BYTES,
                (summary, row) -> summary.add(1, 1, row.getLong(1), 0, row.getDouble(0), 0),
                summary -> SummaryMetrics.defined(summary.bitsPerByte()),
                Encoders.DOUBLE());
        register(
                spark,
                "nll_summary",
                DOCUMENT,
                (summary, row) -> summary.add(row.getLong(1), row.getLong(1), row.getLong(2), 0, row.getDouble(0), 0),
                NllSummary::state,
                Encoders.BINARY());
        register(
                spark,
                "nll_merge",
                STATE,
                (summary, row) -> summary.merge(NllSummary.of(row.getAs(0))),
                NllSummary::state,
                Encoders.BINARY());
        UDF1<byte[], Row> metrics = state -> state == null ? null : metrics(NllSummary.of(state));
        spark.udf().register("nll_metrics", metrics, METRICS);
    }

    private static <R> void register(
            SparkSession spark,
            String name,
            StructType input,
            ExactAggregate.Step<NllSummary, Row> add,
            ExactAggregate.Finish<NllSummary, R> finish,
            Encoder<R> output) {
        ExactAggregate.Step<NllSummary, Row> addWhole = (summary, row) -> {
            if (!row.anyNull()) {
                add.accept(summary, row);
            }
        };
        ExactAggregate<Row, NllSummary, R> aggregate =
                new ExactAggregate<>(NllSummary.class, NllSummary::new, addWhole, NllSummary::merge, finish, output);
        spark.udf().register(name, udaf(aggregate, Encoders.row(input)));
    }

    private static Row metrics(NllSummary summary) {
        return RowFactory.create(
                summary.documents(),
                summary.scoredTokens(),
                summary.bytes(),
                summary.nll(),
                SummaryMetrics.defined(summary.perplexity()),
                SummaryMetrics.defined(summary.standardError()),
                SummaryMetrics.defined(summary.bitsPerByte()),
                SummaryMetrics.defined(summary.bitsPerByteStandardError()));
    }
}
