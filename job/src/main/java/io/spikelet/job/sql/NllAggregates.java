package io.spikelet.job.sql;

import io.spikelet.engine.score.NllSummary;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.Arrays;
import java.util.function.Function;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Aggregator;
import org.apache.spark.sql.types.StructType;

/**
 * An aggregate over rows of nats, exact whatever their order. A row that is null in one of the columns does not count.
 *
 * @param <R> what it returns
 */
final class NllAggregates<R> extends Aggregator<Row, NllAggregates.Sums, R> {
    private static final long serialVersionUID = 1L;

    private final StructType input;
    private final AddRow addRow;
    private final Finish<R> finish;
    private final Encoder<R> output;

    /** Adds a row without nulls. */
    interface AddRow extends Serializable {
        void add(NllSummary summary, Row row);
    }

    /** The value of a summary; null if it has none. */
    interface Finish<R> extends Function<NllSummary, R>, Serializable {}

    NllAggregates(StructType input, AddRow addRow, Finish<R> finish, Encoder<R> output) {
        this.input = input;
        this.addRow = addRow;
        this.finish = finish;
        this.output = output;
    }

    Encoder<Row> inputEncoder() {
        return Encoders.row(input);
    }

    @Override
    public Sums zero() {
        return new Sums();
    }

    @Override
    public Sums reduce(Sums sums, Row row) {
        if (!row.anyNull()) {
            addRow.add(sums.summary, row);
        }
        return sums;
    }

    @Override
    public Sums merge(Sums one, Sums other) {
        one.summary.merge(other.summary);
        return one;
    }

    @Override
    public R finish(Sums sums) {
        return finish.apply(sums.summary);
    }

    @Override
    public Encoder<Sums> bufferEncoder() {
        return Encoders.javaSerialization(Sums.class);
    }

    @Override
    public Encoder<R> outputEncoder() {
        return output;
    }

    /** A summary whose state is serialized between tasks. */
    public static final class Sums implements Serializable {
        private static final long serialVersionUID = 1L;

        private transient NllSummary summary = new NllSummary();

        private void writeObject(ObjectOutputStream out) throws IOException {
            out.writeObject(summary.state());
        }

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            summary = NllSummary.of((byte[]) in.readObject());
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Sums sums && Arrays.equals(sums.summary.state(), summary.state());
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(summary.state());
        }
    }
}
