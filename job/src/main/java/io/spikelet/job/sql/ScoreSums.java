package io.spikelet.job.sql;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.udaf;

import io.spikelet.engine.score.Bootstrap;
import io.spikelet.engine.score.NllSummary;
import java.io.Serializable;
import java.nio.ByteBuffer;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The sums over documents from which a row of the summary is computed; serialized between tasks. Not thread-safe. */
public final class ScoreSums implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final int MEASURES = 4; // nll, weight, scored tokens, bytes
    private static final StructType DOCUMENT = new StructType()
            .add("row_id", DataTypes.StringType, false)
            .add("scored_tokens", DataTypes.LongType, false)
            .add("weight", DataTypes.DoubleType, false)
            .add("bytes", DataTypes.LongType, false)
            .add("words", DataTypes.LongType, false)
            .add("nll", DataTypes.DoubleType, false)
            .add("nll_squared", DataTypes.DoubleType, false);

    private final NllSummary summary;
    private final Bootstrap bootstrap;

    ScoreSums(Confidence confidence) {
        this(new NllSummary(), new Bootstrap(confidence.seed(), confidence.replicates(), MEASURES));
    }

    private ScoreSums(NllSummary summary, Bootstrap bootstrap) {
        this.summary = summary;
        this.bootstrap = bootstrap;
    }

    /** The state of the sums over rows of the document_scores table that have no error. */
    static Column ofDocuments(Confidence confidence) {
        return udaf(
                        new ExactAggregate<>(
                                ScoreSums.class,
                                () -> new ScoreSums(confidence),
                                ScoreSums::add,
                                ScoreSums::merge,
                                ScoreSums::state,
                                Encoders.BINARY()),
                        Encoders.row(DOCUMENT))
                .apply(
                        col("row_id"),
                        col("scored_tokens"),
                        col("weight"),
                        col("bytes"),
                        coalesce(col("words"), lit(0L)), // a protocol that joins documents counts none
                        col("nll"),
                        col("nll_squared"));
    }

    private void add(Row document) {
        double nll = document.getDouble(5);
        long tokens = document.getLong(1);
        double weight = document.getDouble(2);
        long bytes = document.getLong(3);
        summary.add(tokens, weight, bytes, document.getLong(4), nll, document.getDouble(6));
        bootstrap.add(document.getString(0), nll, weight, tokens, bytes);
    }

    /** Adds those of another; this. */
    ScoreSums merge(ScoreSums other) {
        summary.merge(other.summary);
        bootstrap.merge(other.bootstrap);
        return this;
    }

    NllSummary summary() {
        return summary;
    }

    Bootstrap.Interval perplexity() {
        return interval(perplexities());
    }

    Bootstrap.Interval bitsPerByte() {
        return interval(bitsPerBytes());
    }

    /** Perplexity in every replicate. */
    double[] perplexities() {
        return bootstrap.replicates(totals -> StrictMath.exp(totals[0] / totals[1]));
    }

    /** Bits per byte in every replicate. */
    double[] bitsPerBytes() {
        return bootstrap.replicates(totals -> totals[0] / totals[1] * totals[2] / totals[3] / StrictMath.log(2));
    }

    private Bootstrap.Interval interval(double[] replicates) {
        return Bootstrap.interval(summary.sampledDocuments() < 2 ? new double[0] : replicates);
    }

    byte[] state() {
        byte[] first = summary.state();
        byte[] second = bootstrap.state();
        return ByteBuffer.allocate(Integer.BYTES + first.length + second.length)
                .putInt(first.length)
                .put(first)
                .put(second)
                .array();
    }

    static ScoreSums of(byte[] state) {
        ByteBuffer in = ByteBuffer.wrap(state);
        byte[] first = new byte[in.getInt()];
        in.get(first);
        byte[] second = new byte[in.remaining()];
        in.get(second);
        return new ScoreSums(NllSummary.of(first), Bootstrap.of(second));
    }
}
