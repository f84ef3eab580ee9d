package io.spikelet.engine.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ExactSumTest {
    private static double sum(double... terms) {
        ExactSum sum = new ExactSum();
        for (double term : terms) {
            sum.add(term);
        }
        return sum.value();
    }

    private static double exact(List<Double> terms) {
        return terms.stream()
                .map(BigDecimal::new)
                .reduce(BigDecimal.ZERO, BigDecimal::add)
                .doubleValue();
    }

    static Stream<Arguments> kindsOfTerms() {
        Random random = new Random(20260);
        return Stream.of(
                Arguments.of("nats", terms(1000, () -> 10 * random.nextDouble())),
                Arguments.of("both signs", terms(1000, random::nextGaussian)),
                Arguments.of("every exponent", terms(1000, () -> anyFinite(random))),
                Arguments.of("subnormals", terms(500, () -> Double.MIN_VALUE * random.nextInt(1 << 30))),
                Arguments.of("about the smallest normal", terms(500, () -> Double.MIN_NORMAL * random.nextGaussian())),
                Arguments.of("large", terms(100, () -> Double.MAX_VALUE / 200 * random.nextGaussian())));
    }

    private static List<Double> terms(int count, java.util.function.DoubleSupplier source) {
        return Stream.generate(source::getAsDouble).limit(count).toList();
    }

    private static double anyFinite(Random random) {
        double value = Double.longBitsToDouble(random.nextLong());
        return Double.isFinite(value) ? value / 2048 : 1;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kindsOfTerms")
    void anyOrderAndAnyCutGiveTheCorrectlyRoundedSum(String kind, List<Double> terms) {
        double expected = exact(terms);
        Random random = new Random(7);
        byte[] state = null;
        for (int round = 0; round < 10; round++) {
            List<Double> shuffled = new ArrayList<>(terms);
            Collections.shuffle(shuffled, random);
            ExactSum[] parts = Stream.generate(ExactSum::new).limit(1 + round).toArray(ExactSum[]::new);
            for (double term : shuffled) {
                parts[random.nextInt(parts.length)].add(term);
            }
            for (int i = 1; i < parts.length; i++) {
                parts[0].merge(ExactSum.of(parts[i].state()));
            }
            assertThat(parts[0].value()).as("seed 7, round %d", round).isEqualTo(expected);
            state = state == null ? parts[0].state() : state;
            assertThat(parts[0].state()).isEqualTo(state);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kindsOfTerms")
    void termsAndTheirNegativesCancelToZero(String kind, List<Double> terms) {
        ExactSum sum = new ExactSum();
        terms.forEach(sum::add);
        terms.forEach(term -> sum.add(-term));

        assertThat(Double.doubleToRawLongBits(sum.value())).isZero();
    }

    @Test
    void roundsOnceAndToEven() {
        assertThat(sum(1e308, 1, -1e308)).isEqualTo(1);
        assertThat(sum(1, 0x1p-53)).isEqualTo(1);
        assertThat(sum(Math.nextUp(1.0), 0x1p-53)).isEqualTo(1 + 0x1p-51);
        assertThat(sum(1, 0x1p-53, Double.MIN_VALUE)).isEqualTo(Math.nextUp(1.0));
        assertThat(sum(1, 0x1p-53, -Double.MIN_VALUE)).isEqualTo(1);
        assertThat(sum(-1, -0x1p-53, -Double.MIN_VALUE)).isEqualTo(-Math.nextUp(1.0));
        assertThat(sum(Math.nextDown(2.0), 0x1p-53)).isEqualTo(2);
        assertThat(sum(Double.MIN_NORMAL, -Double.MIN_VALUE)).isEqualTo(Math.nextDown(Double.MIN_NORMAL));
    }

    @Test
    void sumsBeyondTheRangeAreInfiniteAndComeBack() {
        assertThat(sum(Double.MAX_VALUE, Double.MAX_VALUE)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(sum(-Double.MAX_VALUE, -Double.MAX_VALUE)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(sum(Double.MAX_VALUE, Double.MAX_VALUE, -Double.MAX_VALUE)).isEqualTo(Double.MAX_VALUE);
        double halfUlp = 0x1p970;
        assertThat(sum(Double.MAX_VALUE, halfUlp)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(sum(Double.MAX_VALUE, halfUlp, -Double.MIN_VALUE)).isEqualTo(Double.MAX_VALUE);
    }

    @Test
    void infinitiesAndNanWinWhateverTheOrder() {
        assertThat(sum(1, Double.POSITIVE_INFINITY, -5)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(sum(Double.NEGATIVE_INFINITY, 3)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(sum(Double.NEGATIVE_INFINITY, 3, Double.POSITIVE_INFINITY)).isNaN();
        assertThat(sum(Double.NaN, 3)).isNaN();
        ExactSum sum = new ExactSum();
        ExactSum infinite = new ExactSum();
        infinite.add(Double.POSITIVE_INFINITY);
        sum.merge(ExactSum.of(infinite.state()));
        assertThat(sum.value()).isEqualTo(Double.POSITIVE_INFINITY);
    }

    @Test
    void nothingAndNegativeZerosArePositiveZero() {
        assertThat(Double.doubleToRawLongBits(sum())).isZero();
        assertThat(Double.doubleToRawLongBits(sum(-0.0, -0.0))).isZero();
    }

    @Test
    void productsAreExact() {
        Random random = new Random(99);
        ExactSum sum = new ExactSum();
        BigDecimal expected = BigDecimal.ZERO;
        for (int i = 0; i < 1000; i++) {
            double a = 1000 * random.nextGaussian();
            double b = random.nextGaussian();
            sum.addProduct(a, b);
            expected = expected.add(new BigDecimal(a).multiply(new BigDecimal(b)));
        }
        assertThat(sum.value()).isEqualTo(expected.doubleValue());
    }

    @Test
    void refusesBytesThatAreNoState() {
        byte[] state = new ExactSum().state();
        assertThatThrownBy(() -> ExactSum.of(new byte[3])).hasMessageContaining("3 bytes");
        state[1] = 1;
        assertThatThrownBy(() -> ExactSum.of(state)).hasMessageContaining("digit 0");
    }
}
