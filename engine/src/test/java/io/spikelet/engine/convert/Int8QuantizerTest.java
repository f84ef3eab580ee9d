package io.spikelet.engine.convert;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class Int8QuantizerTest {
    @Test
    void roundsHalfToEven() {
        float[] halves = {0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -2.5f, 126.5f};
        byte[] expected = {0, 2, 2, 0, -2, -2, 126};

        for (int i = 0; i < halves.length; i++) {
            assertThat(Int8Quantizer.code(halves[i], 1)).isEqualTo(expected[i]);
        }
    }

    @Test
    void theLargestMagnitudeGetsTheLargestCode() {
        float[] row = {0.1f, -3.7f, 2};
        float scale = Int8Quantizer.scale(Int8Quantizer.maxMagnitude(row, 3, 0));

        assertThat(scale).isEqualTo(3.7f / 127);
        assertThat(Int8Quantizer.code(row[1], scale)).isEqualTo((byte) -127);
    }

    @Test
    void aRowOfZerosHasScaleAndCodesZero() {
        float scale = Int8Quantizer.scale(Int8Quantizer.maxMagnitude(new float[5], 5, 0));

        assertThat(scale).isZero();
        assertThat(Int8Quantizer.code(0, scale)).isZero();
    }

    @Test
    void aRowOfTheSmallestNumbersStaysInRange() {
        for (float tiny :
                new float[] {Float.MIN_VALUE, 60 * Float.MIN_VALUE, 190 * Float.MIN_VALUE, Float.MIN_NORMAL}) {
            float scale = Int8Quantizer.scale(tiny);

            assertThat(Int8Quantizer.code(tiny, scale)).isBetween((byte) 0, (byte) 127);
            assertThat(Int8Quantizer.code(-tiny, scale)).isBetween((byte) -127, (byte) 0);
        }
    }

    @Test
    void theLargestFloatDoesNotOverflow() {
        float scale = Int8Quantizer.scale(Float.MAX_VALUE);

        assertThat(Int8Quantizer.code(-Float.MAX_VALUE, scale)).isEqualTo((byte) -127);
    }
}
