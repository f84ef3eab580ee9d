package io.spikelet.job.sql;

import io.spikelet.engine.score.ExactSum;
import java.util.stream.Stream;

/** The sum over groups of a number that some of them may not have, the same in every order. Not thread-safe. */
final class GroupSum {
    private final ExactSum sum = new ExactSum();
    private long count;

    /** Sums of so many numbers. */
    static GroupSum[] array(int numbers) {
        return Stream.generate(GroupSum::new).limit(numbers).toArray(GroupSum[]::new);
    }

    /** @param value null if the group has none */
    void add(Double value) {
        if (value != null) {
            sum.add(value);
            count++;
        }
    }

    /** Adds the square of a standard error, for {@link #error}. */
    void addSquare(Double error) {
        add(error == null ? null : (Double) (error * error));
    }

    double sum() {
        return sum.value();
    }

    /** Whether all of so many groups have the number. */
    boolean isOfAll(long groups) {
        return groups > 0 && count == groups;
    }

    /** The mean over the groups that have the number; null if none has. */
    Double mean() {
        return count == 0 ? null : (Double) (sum.value() / count);
    }

    /** The standard error of the mean over independent groups, from the squares of theirs; null unless all have one. */
    Double error(long groups) {
        return isOfAll(groups) ? (Double) (Math.sqrt(sum.value()) / groups) : null;
    }
}
