package io.spikelet.job.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class MeasuredTest {
    @Test
    void aNumberHasTheDigitsThatItsErrorLeaves() {
        Measured number = new Measured(52.3456, 2.4567, 47.8123, 57.3345);

        assertThat(number.withError()).isEqualTo("52.3 ± 2.5");
        assertThat(number.interval()).isEqualTo("47.8 to 57.3");
        assertThat(Measured.of(1.471234, 0.0221).withError()).isEqualTo("1.471 ± 0.022");
        assertThat(Measured.of(12345.6, 78.9).withError()).isEqualTo("12,346 ± 79");
        assertThat(Measured.of(12345.6, 789.0).withError()).isEqualTo("12,346 ± 789");
        assertThat(Measured.of(0.2, 0.08).times(100).withError()).isEqualTo("20.0 ± 8.0");
    }

    @Test
    void withoutAnErrorItHasFourDigitsAndNoInterval() {
        Measured number = Measured.of(52.3456, null);

        assertThat(number.withError()).isEqualTo("52.35");
        assertThat(number.interval()).isEmpty();
        assertThat(Measured.of(0.0, 0.0).withError()).isEqualTo("0 ± 0");
        assertThat(Measured.of(null, null).withError()).isEqualTo("–");
        assertThat(Measured.of(Double.NaN, Double.NaN).withError()).isEqualTo("–");
    }

    @Test
    void aDifferenceHasASign() {
        assertThat(Measured.of(0.16842, 0.0076).signedWithError()).isEqualTo("+0.1684 ± 0.0076");
        assertThat(Measured.of(-9.591, 0.64).signedWithError()).isEqualTo("-9.59 ± 0.64");
        assertThat(Measured.of(0.0626, null).signedText()).isEqualTo("+0.06260");
    }

    @Test
    void aMarkHasItsIntervalBeforeItsError() {
        Chart.Mark interval = new Measured(5.0, 1.0, 3.5, 7.0).mark(2, "five");
        Chart.Mark error = Measured.of(5.0, 1.0).mark(0, "five");
        Chart.Mark alone = Measured.of(5.0, null).mark(0, "five");

        assertThat(interval).isEqualTo(new Chart.Mark(2, 5, 3.5, 7.0, "five"));
        assertThat(error).isEqualTo(new Chart.Mark(0, 5, 4.0, 6.0, "five"));
        assertThat(alone).isEqualTo(new Chart.Mark(0, 5, null, null, "five"));
    }
}
