package io.spikelet.job.sql;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.udaf;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Aggregator;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Sums document scores to the state of {@link ScoreSums}, which is the same to the last bit for every partitioning of the
 * documents.
 */
final class SumScores extends Aggregator<Row, ScoreSums, byte[]> {
    private static final StructType INPUT = new StructType()
            .add("row_id", DataTypes.StringType, false)
            .add("scored_tokens", DataTypes.LongType, false)
            .add("weight", DataTypes.DoubleType, false)
            .add("bytes", DataTypes.LongType, false)
            .add("words", DataTypes.LongType, false)
            .add("nll", DataTypes.DoubleType, false)
            .add("nll_squared", DataTypes.DoubleType, false);

    private static final long serialVersionUID = 1L;

    private final Confidence confidence;

    private SumScores(Confidence confidence) {
        this.confidence = confidence;
    }

    /** The aggregate over rows of the document_scores table that have no error. */
    static Column ofDocuments(Confidence confidence) {
        return udaf(new SumScores(confidence), Encoders.row(INPUT))
                .apply(
                        col("row_id"),
                        col("scored_tokens"),
                        col("weight"),
                        col("bytes"),
                        coalesce(col("words"), lit(0L)), // a protocol that joins documents counts none
                        col("nll"),
                        col("nll_squared"));
    }

    @Override
    public ScoreSums zero() {
        return new ScoreSums(confidence);
    }

    @Override
    public ScoreSums reduce(ScoreSums sums, Row document) {
        sums.add(
                document.getString(0),
                document.getLong(1),
                document.getDouble(2),
                document.getLong(3),
                document.getLong(4),
                document.getDouble(5),
                document.getDouble(6));
        return sums;
    }

    @Override
    public ScoreSums merge(ScoreSums one, ScoreSums other) {
        one.merge(other);
        return one;
    }

    @Override
    public byte[] finish(ScoreSums sums) {
        return sums.state();
    }

    @Override
    public Encoder<ScoreSums> bufferEncoder() {
        return Encoders.javaSerialization(ScoreSums.class);
    }

    @Override
    public Encoder<byte[]> outputEncoder() {
        return Encoders.BINARY();
    }
}
