package io.spikelet.job.sql;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udaf;

import io.spikelet.engine.score.Bootstrap;
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
 * A bootstrap over the documents of a comparison: each replicate draws documents with the scores of both models. The
 * same bits for every partitioning.
 */
final class PairedBootstrap extends Aggregator<Row, PairedBootstrap.Draws, byte[]> {
    private static final StructType INPUT = new StructType()
            .add("row_id", DataTypes.StringType, false)
            .add("nll", DataTypes.DoubleType, false)
            .add("baseline_nll", DataTypes.DoubleType, false)
            .add("scored_tokens", DataTypes.LongType, false);

    private static final long serialVersionUID = 1L;

    /** The aggregate over rows of the document_comparisons table that have no error. */
    static Column ofDocuments() {
        return udaf(new PairedBootstrap(), Encoders.row(INPUT))
                .apply(col("row_id"), col("nll"), col("baseline_nll"), col("scored_tokens"));
    }

    /** The interval of the difference of perplexities, from the aggregate. */
    static Bootstrap.Interval perplexityDifference(byte[] state) {
        return Bootstrap.of(state)
                .interval(totals -> StrictMath.exp(totals[0] / totals[2]) - StrictMath.exp(totals[1] / totals[2]));
    }

    @Override
    public Draws zero() {
        return new Draws();
    }

    @Override
    public Draws reduce(Draws draws, Row document) {
        draws.bootstrap.add(
                document.getString(0), document.getDouble(1), document.getDouble(2), (double) document.getLong(3));
        return draws;
    }

    @Override
    public Draws merge(Draws one, Draws other) {
        one.bootstrap.merge(other.bootstrap);
        return one;
    }

    @Override
    public byte[] finish(Draws draws) {
        return draws.bootstrap.state();
    }

    @Override
    public Encoder<Draws> bufferEncoder() {
        return Encoders.javaSerialization(Draws.class);
    }

    @Override
    public Encoder<byte[]> outputEncoder() {
        return Encoders.BINARY();
    }

    /** A bootstrap whose state is serialized between tasks. */
    public static final class Draws implements Serializable {
        private static final long serialVersionUID = 1L;
        private static final int MEASURES = 3;

        private transient Bootstrap bootstrap =
                new Bootstrap(Confidence.DEFAULT.seed(), Confidence.DEFAULT.replicates(), MEASURES);

        private void writeObject(ObjectOutputStream out) throws IOException {
            out.writeObject(bootstrap.state());
        }

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            bootstrap = Bootstrap.of((byte[]) in.readObject());
        }
    }
}
