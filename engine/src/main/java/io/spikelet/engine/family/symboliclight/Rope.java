package io.spikelet.engine.family.symboliclight;

/**
 * Rotary position angles, half-rotation layout: channel j of a head is rotated with channel j + half. The rows of
 * positions within the trained context are cached; beyond it, the row of a column is computed in the column's own
 * buffer. Source: section 3.3 of the specification.
 *
 * <p>Not thread-safe; one per decoder.
 */
final class Rope {
    private final float[] inverseFrequencies; // (half)
    private final float[][] cosines; // (position, half), filled on demand
    private final float[][] sines;
    private final float[][] cosineScratch; // (column, half)
    private final float[][] sineScratch;

    /**
     * @param inverseFrequencies {@code [headDim / 2]}, as the checkpoint stores them
     * @param positions number of rows to cache
     * @param columns maximum number of columns of one pass
     */
    Rope(float[] inverseFrequencies, int positions, int columns) {
        this.inverseFrequencies = inverseFrequencies;
        this.cosines = new float[positions][];
        this.sines = new float[positions][];
        this.cosineScratch = new float[columns][inverseFrequencies.length];
        this.sineScratch = new float[columns][inverseFrequencies.length];
    }

    /** Cosines of a position's angles; the array is valid until the column's next call. */
    float[] cosine(int position, int column) {
        prepare(position, column);
        return position < cosines.length ? cosines[position] : cosineScratch[column];
    }

    /** Sines of a position's angles, after {@link #cosine} of the same position and column. */
    float[] sine(int position, int column) {
        return position < sines.length ? sines[position] : sineScratch[column];
    }

    private void prepare(int position, int column) {
        if (position >= cosines.length) {
            fill(position, cosineScratch[column], sineScratch[column]);
        } else if (cosines[position] == null) {
            cosines[position] = new float[inverseFrequencies.length];
            sines[position] = new float[inverseFrequencies.length];
            fill(position, cosines[position], sines[position]);
        }
    }

    private void fill(int position, float[] cosine, float[] sine) {
        for (int j = 0; j < inverseFrequencies.length; j++) {
            float angle = position * inverseFrequencies[j]; // float32, as upstream does
            cosine[j] = (float) StrictMath.cos(angle);
            sine[j] = (float) StrictMath.sin(angle);
        }
    }
}
