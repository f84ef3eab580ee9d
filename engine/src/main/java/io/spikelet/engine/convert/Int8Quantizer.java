package io.spikelet.engine.convert;

/**
 * Symmetric INT8, one scale per output: {@code scale = max|row| / 127} in float32, codes rounded half to even into
 * {@code [-127, 127]}. A row of zeros, or one too small for a float32 scale, has scale 0 and codes 0.
 */
final class Int8Quantizer {
    static final int MAX_CODE = 127;

    private Int8Quantizer() {}

    /** The largest magnitude among {@code values[0 .. count)} and {@code soFar}. */
    static float maxMagnitude(float[] values, int count, float soFar) {
        float max = soFar;
        for (int i = 0; i < count; i++) {
            max = Math.max(max, Math.abs(values[i]));
        }
        return max;
    }

    static float scale(float maxMagnitude) {
        return maxMagnitude / MAX_CODE;
    }

    static byte code(float value, float scale) {
        if (scale == 0) {
            return 0;
        }
        // The quotient is rounded to float32 first, as the reference does; Math.rint is exact on it.
        double rounded = Math.rint(value / scale);
        return (byte) Math.clamp(rounded, -MAX_CODE, MAX_CODE);
    }
}
