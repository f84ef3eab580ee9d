package io.spikelet.job.sql;

import static org.apache.spark.sql.functions.udaf;

import io.spikelet.engine.score.ExactSum;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.expressions.Aggregator;

/** A sum of doubles that is the same to the last bit for every partitioning of the rows; nulls add nothing. */
final class ExactTotal extends Aggregator<Double, ExactTotal.Sum, Double> {
    private static final long serialVersionUID = 1L;

    /** The aggregate over a column. */
    static Column of(Column column) {
        return udaf(new ExactTotal(), Encoders.DOUBLE()).apply(column);
    }

    @Override
    public Sum zero() {
        return new Sum();
    }

    @Override
    public Sum reduce(Sum sum, Double term) {
        if (term != null) {
            sum.exact.add(term);
        }
        return sum;
    }

    @Override
    public Sum merge(Sum one, Sum other) {
        one.exact.merge(other.exact);
        return one;
    }

    @Override
    public Double finish(Sum sum) {
        return sum.exact.value();
    }

    @Override
    public Encoder<Sum> bufferEncoder() {
        return Encoders.javaSerialization(Sum.class);
    }

    @Override
    public Encoder<Double> outputEncoder() {
        return Encoders.DOUBLE();
    }

    /** A sum whose state is serialized between tasks. */
    public static final class Sum implements Serializable {
        private static final long serialVersionUID = 1L;

        private transient ExactSum exact = new ExactSum();

        private void writeObject(ObjectOutputStream out) throws IOException {
            out.writeObject(exact.state());
        }

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            exact = ExactSum.of((byte[]) in.readObject());
        }
    }
}
