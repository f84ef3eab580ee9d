package io.spikelet.job.sql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ResultPrinterTest {
    @ParameterizedTest
    @CsvSource({
        "43.10197603986188, 43.102",
        "18.0, 18",
        "0.0, 0",
        "-0.04635058737377742, -0.0463506",
        "6687628.434753846, 6687630",
        "1.0E-7, 1E-7",
        "1.23456789E20, 1.23457E+20",
        "NaN, NaN",
        "-Infinity, -Infinity"
    })
    void aNumberForPeopleHasSixDigits(String given, String shown) {
        assertThat(ResultPrinter.shortened(given)).isEqualTo(shown);
    }

    @Test
    void allDigitsOfAWholeNumberBelowAMillionStay() {
        assertThat(ResultPrinter.shortened("123456.0")).isEqualTo("123456");
    }
}
