package io.spikelet.job.sql;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udaf;

import io.spikelet.engine.score.NllSummary;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Aggregator;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Sums document scores to the state of an {@link NllSummary}, which is the same to the last bit for every partitioning of
 * the documents.
 */
final class SumScores extends Aggregator<Row, SumScores.Sum, byte[]> {
    private static final StructType INPUT = new StructType()
            .add("scored_tokens", DataTypes.LongType, false)
            .add("bytes", DataTypes.LongType, false)
            .add("words", DataTypes.LongType, false)
            .add("nll", DataTypes.DoubleType, false);

    private static final long serialVersionUID = 1L;

    /** The aggregate over rows of the document_scores table that have no error. */
    static Column ofDocuments() {
        return udaf(new SumScores(), Encoders.row(INPUT))
                .apply(col("scored_tokens"), col("bytes"), col("words"), col("nll"));
    }

    @Override
    public Sum zero() {
        return new Sum();
    }

    @Override
    public Sum reduce(Sum sum, Row document) {
        sum.summary.add(document.getLong(0), document.getLong(1), document.getLong(2), document.getDouble(3));
        return sum;
    }

    @Override
    public Sum merge(Sum one, Sum other) {
        one.summary.merge(other.summary);
        return one;
    }

    @Override
    public byte[] finish(Sum sum) {
        return sum.summary.state();
    }

    @Override
    public Encoder<Sum> bufferEncoder() {
        return Encoders.javaSerialization(Sum.class);
    }

    @Override
    public Encoder<byte[]> outputEncoder() {
        return Encoders.BINARY();
    }

    /** A summary that travels between tasks as its state. */
    public static final class Sum implements Serializable {
        private static final long serialVersionUID = 1L;

        private transient NllSummary summary = new NllSummary();

        private void writeObject(ObjectOutputStream out) throws IOException {
            out.writeObject(summary.state());
        }

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            summary = NllSummary.of((byte[]) in.readObject());
        }
    }
}
