package io.spikelet.engine.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RowRandomTest {
    private static final int DRAWS = 100_000;

    /** One stream along each of the four arguments. */
    static Stream<Arguments> streams() {
        return Stream.of(
                stream("steps", i -> RowRandom.uniform(42, "row-1", 0, i)),
                stream("samples", i -> RowRandom.uniform(42, "row-1", i, 0)),
                stream("rows", i -> RowRandom.uniform(42, "row-" + i, 0, 0)),
                stream("seeds", i -> RowRandom.uniform(i, "row-1", 0, 0)),
                stream("seeds that differ in the upper half", i -> RowRandom.uniform((long) i << 32, "row-1", 0, 0)));
    }

    private static Arguments stream(String name, IntToDoubleFunction numbers) {
        return Arguments.of(name, numbers);
    }

    @Test
    void theNumbersOfAReleaseNeverChange() {
        assertThat(RowRandom.uniform(0, "", 0, 0)).isEqualTo(reference(0, 0xcbf29ce484222325L, 0, 0));
        // FNV-1a 64 of "a" and "foobar" are published test vectors
        assertThat(RowRandom.uniform(7, "a", 1, 2)).isEqualTo(reference(7, 0xaf63dc4c8601ec8cL, 1, 2));
        assertThat(RowRandom.uniform(-1, "foobar", 3, 500)).isEqualTo(reference(-1, 0x85944171f73967e8L, 3, 500));
    }

    /** The documented algorithm, written a second time: SplitMix64 gives {@code mix(state + gamma)} as its first number. */
    private static double reference(long seed, long rowHash, long sample, long step) {
        long x = 0;
        for (long word : new long[] {seed, rowHash, sample, step}) {
            x = splitMix(x ^ splitMix(word + 0x9e3779b97f4a7c15L));
        }
        return Math.scalb((double) (x >>> 11), -53);
    }

    private static long splitMix(long word) {
        long a = (word ^ word >>> 30) * 0xbf58476d1ce4e5b9L;
        long b = (a ^ a >>> 27) * 0x94d049bb133111ebL;
        return b ^ b >>> 31;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("streams")
    void everyStreamIsUniform(String name, IntToDoubleFunction numbers) {
        int bins = 100;
        int[] counts = new int[bins];
        for (int i = 0; i < DRAWS; i++) {
            double u = numbers.applyAsDouble(i);
            assertThat(u).isGreaterThanOrEqualTo(0).isLessThan(1);
            counts[(int) (u * bins)]++;
        }
        double expected = (double) DRAWS / bins;
        double chiSquare = 0;
        for (int count : counts) {
            chiSquare += (count - expected) * (count - expected) / expected;
        }
        // 99 degrees of freedom: mean 99, standard deviation 14; 5 of them either way
        assertThat(chiSquare).isBetween(40.0, 170.0);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("streams")
    void neighboursInAStreamAreUncorrelated(String name, IntToDoubleFunction numbers) {
        for (int lag : new int[] {1, 2, 7, 64}) {
            double sum = 0;
            for (int i = 0; i < DRAWS; i++) {
                sum += (numbers.applyAsDouble(i) - 0.5) * (numbers.applyAsDouble(i + lag) - 0.5);
            }
            // standard error of the correlation: 1 / sqrt(DRAWS) = 0.0032
            assertThat(12 * sum / DRAWS).as("lag %d", lag).isCloseTo(0, within(0.016));
        }
    }

    @Test
    void streamsOfDifferentRowsAreUncorrelated() {
        double sum = 0;
        for (int i = 0; i < DRAWS; i++) {
            sum += (RowRandom.uniform(1, "a", 0, i) - 0.5) * (RowRandom.uniform(1, "b", 0, i) - 0.5);
        }
        assertThat(12 * sum / DRAWS).isCloseTo(0, within(0.016));
    }

    @Test
    void noTwoCountersShareANumber() {
        Set<Double> numbers = new HashSet<>();
        for (int seed = 0; seed < 20; seed++) {
            for (int row = 0; row < 20; row++) {
                for (int sample = 0; sample < 20; sample++) {
                    for (int step = 0; step < 20; step++) {
                        numbers.add(RowRandom.uniform(seed, Integer.toString(row), sample, step));
                    }
                }
            }
        }
        assertThat(numbers).hasSize(160_000);
    }
}
