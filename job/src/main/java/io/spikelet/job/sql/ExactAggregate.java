package io.spikelet.job.sql;

import static org.apache.spark.sql.functions.udaf;

import io.spikelet.engine.score.ExactSum;
import java.io.Serializable;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.expressions.Aggregator;

/**
 * An aggregate whose result is the same to the last bit for every partitioning of the rows, because its sums are: they
 * travel between tasks and are merged in any order.
 *
 * @param <T> what it sums
 * @param <S> its sums
 * @param <R> what it returns
 */
final class ExactAggregate<T, S, R> extends Aggregator<T, S, R> {
    private static final long serialVersionUID = 1L;

    private final Class<S> sums;
    private final Zero<S> zero;
    private final Step<S, T> add;
    private final Step<S, S> merge;
    private final Finish<S, R> finish;
    private final Encoder<R> output;

    /** Sums of nothing. */
    interface Zero<S> extends Supplier<S>, Serializable {}

    /** Adds a term, or other sums, to the first argument. */
    interface Step<S, T> extends BiConsumer<S, T>, Serializable {}

    /** The result; null if the sums have none. */
    interface Finish<S, R> extends Function<S, R>, Serializable {}

    ExactAggregate(
            Class<S> sums, Zero<S> zero, Step<S, T> add, Step<S, S> merge, Finish<S, R> finish, Encoder<R> output) {
        this.sums = sums;
        this.zero = zero;
        this.add = add;
        this.merge = merge;
        this.finish = finish;
        this.output = output;
    }

    /** The sum of a column of doubles; nulls add nothing. */
    static Column total(Column column) {
        Step<ExactSum, Double> add = (sum, term) -> {
            if (term != null) {
                sum.add(term);
            }
        };
        return udaf(
                        new ExactAggregate<>(
                                ExactSum.class,
                                ExactSum::new,
                                add,
                                ExactSum::merge,
                                ExactSum::value,
                                Encoders.DOUBLE()),
                        Encoders.DOUBLE())
                .apply(column);
    }

    @Override
    public S zero() {
        return zero.get();
    }

    @Override
    public S reduce(S to, T term) {
        add.accept(to, term);
        return to;
    }

    @Override
    public S merge(S one, S other) {
        merge.accept(one, other);
        return one;
    }

    @Override
    public R finish(S all) {
        return finish.apply(all);
    }

    @Override
    public Encoder<S> bufferEncoder() {
        return Encoders.javaSerialization(sums);
    }

    @Override
    public Encoder<R> outputEncoder() {
        return output;
    }
}
