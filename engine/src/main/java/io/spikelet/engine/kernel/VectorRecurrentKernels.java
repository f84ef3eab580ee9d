package io.spikelet.engine.kernel;

import static io.spikelet.engine.kernel.VectorWidth.DOUBLES;
import static io.spikelet.engine.kernel.VectorWidth.FLOATS;
import static io.spikelet.engine.kernel.VectorWidth.HALF_FLOATS;
import static io.spikelet.engine.kernel.VectorWidth.HALF_FLOATS_TYPE;
import static io.spikelet.engine.kernel.VectorWidth.LANES;

import io.spikelet.engine.tensor.FloatMatrix;
import io.spikelet.engine.tensor.Int8Matrix;
import io.spikelet.engine.tensor.Layout;
import io.spikelet.engine.tensor.Matrix;
import io.spikelet.engine.tensor.W8A8Matrix;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Gives the bits of {@link ScalarRecurrentKernels}, with several channels at a time. No method passes a vector to
 * another; {@link VectorElements} explains why.
 */
final class VectorRecurrentKernels extends ScalarRecurrentKernels {
    static final VectorRecurrentKernels INSTANCE = new VectorRecurrentKernels();

    private VectorRecurrentKernels() {}

    @Override
    public void layerNorm(
            float[] x,
            int offset,
            float[] weight,
            float[] bias,
            double epsilon,
            double[] stripes,
            float[] out,
            int to) {
        int length = weight.length;
        double exact = sum(x, offset, length, stripes) / length;
        float mean = (float) exact;
        float inverse = inverse(squares(x, offset, length, exact, stripes) / length, epsilon);
        int bound = FLOATS.loopBound(length);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector.fromArray(FLOATS, x, offset + i)
                    .sub(mean)
                    .mul(inverse)
                    .fma(FloatVector.fromArray(FLOATS, weight, i), FloatVector.fromArray(FLOATS, bias, i))
                    .intoArray(out, to + i);
        }
        normalise(x, offset, bound, mean, inverse, weight, bias, out, to);
    }

    private static double sum(float[] x, int offset, int length, double[] stripes) {
        int whole = length - length % STRIPES;
        for (int s = 0; s < STRIPES; s += DOUBLES.length()) {
            DoubleVector sum = DoubleVector.zero(DOUBLES);
            for (int i = offset + s; i < offset + whole; i += STRIPES) {
                FloatVector v = FloatVector.fromArray(HALF_FLOATS, x, i);
                sum = sum.add(HALF_FLOATS_TYPE.cast(v).castShape(DOUBLES, 0));
            }
            sum.intoArray(stripes, s);
        }
        for (int i = whole; i < length; i++) { // scalar tail
            stripes[i - whole] += x[offset + i];
        }
        return tree(stripes);
    }

    private static double squares(float[] x, int offset, int length, double mean, double[] stripes) {
        int whole = length - length % STRIPES;
        for (int s = 0; s < STRIPES; s += DOUBLES.length()) {
            DoubleVector sum = DoubleVector.zero(DOUBLES);
            for (int i = offset + s; i < offset + whole; i += STRIPES) {
                FloatVector v = FloatVector.fromArray(HALF_FLOATS, x, i);
                DoubleVector d = ((DoubleVector) HALF_FLOATS_TYPE.cast(v).castShape(DOUBLES, 0)).sub(mean);
                sum = d.fma(d, sum);
            }
            sum.intoArray(stripes, s);
        }
        for (int i = whole; i < length; i++) { // scalar tail
            double d = x[offset + i] - mean;
            stripes[i - whole] = Math.fma(d, d, stripes[i - whole]);
        }
        return tree(stripes);
    }

    private static double tree(double[] s) {
        return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
    }

    @Override
    public void mix(float[] now, int offset, float[] before, int beforeOffset, float[] share, float[] out, int to) {
        int bound = FLOATS.loopBound(share.length);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector m = FloatVector.fromArray(FLOATS, share, i);
            FloatVector kept = FloatVector.fromArray(FLOATS, before, beforeOffset + i)
                    .mul(FloatVector.broadcast(FLOATS, 1f).sub(m));
            FloatVector.fromArray(FLOATS, now, offset + i).mul(m).add(kept).intoArray(out, to + i);
        }
        mix(now, offset, before, beforeOffset, share, bound, out, to);
    }

    @Override
    public void sigmoid(float[] x, int offset, int length) {
        int bound = FLOATS.loopBound(length);
        for (int i = offset; i < offset + bound; i += LANES) {
            FloatVector.fromArray(FLOATS, x, i).neg().intoArray(x, i);
        }
        VectorElements.exponentials(x, offset, bound, 0f);
        for (int i = offset; i < offset + bound; i += LANES) {
            FloatVector.broadcast(FLOATS, 1f)
                    .div(FloatVector.fromArray(FLOATS, x, i).add(1f))
                    .intoArray(x, i);
        }
        super.sigmoid(x, offset + bound, length - bound);
    }

    @Override
    public void multiply(float[] x, int xOffset, float[] y, int yOffset, int length) {
        VectorElements.multiply(x, xOffset, y, yOffset, length, y, yOffset);
    }

    @Override
    public int squaredRelu(float[] x, int offset, int length) {
        int above = 0;
        int bound = FLOATS.loopBound(length);
        for (int i = offset; i < offset + bound; i += LANES) {
            FloatVector positive = FloatVector.fromArray(FLOATS, x, i).max(0f);
            FloatVector squared = positive.mul(positive);
            squared.intoArray(x, i);
            above += squared.compare(VectorOperators.GT, 0f).trueCount();
        }
        return above + super.squaredRelu(x, offset + bound, length - bound);
    }

    /** The four exponentials are passed through a buffer that stays in the first-level cache. */
    @Override
    public void wkv(
            float[] key,
            float[] value,
            int offset,
            float[] decay,
            float[] first,
            float[] state,
            int at,
            float[] scratch,
            float[] out) {
        int length = decay.length;
        int bound = FLOATS.loopBound(length);
        int exponents = at + 2 * length;
        for (int i = 0; i < bound; i += LANES) {
            FloatVector o = FloatVector.fromArray(FLOATS, state, exponents + i);
            FloatVector k = FloatVector.fromArray(FLOATS, key, offset + i);
            FloatVector now = FloatVector.fromArray(FLOATS, first, i).add(k);
            FloatVector n = o.max(now);
            o.sub(n).intoArray(scratch, i);
            now.sub(n).intoArray(scratch, bound + i);
            FloatVector decayed = o.add(FloatVector.fromArray(FLOATS, decay, i));
            n = decayed.max(k);
            decayed.sub(n).intoArray(scratch, 2 * bound + i);
            k.sub(n).intoArray(scratch, 3 * bound + i);
            n.intoArray(state, exponents + i);
        }
        VectorElements.exponentials(scratch, 0, 4 * bound, 0f);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector a = FloatVector.fromArray(FLOATS, state, at + i);
            FloatVector b = FloatVector.fromArray(FLOATS, state, at + length + i);
            FloatVector v = FloatVector.fromArray(FLOATS, value, offset + i);
            FloatVector e1 = FloatVector.fromArray(FLOATS, scratch, i);
            FloatVector e2 = FloatVector.fromArray(FLOATS, scratch, bound + i);
            e1.mul(a).add(e2.mul(v)).div(e1.mul(b).add(e2)).intoArray(out, offset + i);
            e1 = FloatVector.fromArray(FLOATS, scratch, 2 * bound + i);
            e2 = FloatVector.fromArray(FLOATS, scratch, 3 * bound + i);
            e1.mul(a).add(e2.mul(v)).intoArray(state, at + i);
            e1.mul(b).add(e2).intoArray(state, at + length + i);
        }
        wkv(key, value, offset, decay, first, state, at, bound, out);
    }

    @Override
    public void fire(
            float[] input,
            int offset,
            int length,
            float tau,
            float threshold,
            boolean softReset,
            boolean decayInput,
            float[] membrane,
            int at,
            long[] bits,
            int to) {
        Arrays.fill(bits, to, to + HeadBits.words(length), 0);
        int bound = FLOATS.loopBound(length);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = FloatVector.fromArray(FLOATS, membrane, at + i);
            FloatVector x = FloatVector.fromArray(FLOATS, input, offset + i);
            FloatVector h = decayInput ? v.add(x.sub(v).div(tau)) : v.div(tau).add(x);
            var fired = h.compare(VectorOperators.GE, threshold);
            FloatVector reset = softReset ? h.sub(threshold) : FloatVector.zero(FLOATS);
            h.blend(reset, fired).intoArray(membrane, at + i);
            bits[to + i / Long.SIZE] |= fired.toLong() << i;
        }
        fireFrom(bound, input, offset, length, tau, threshold, softReset, decayInput, membrane, at, bits, to);
    }

    /** A pair of panels is read from memory for the first column and from the cache for the others. */
    @Override
    public void multiplyActive(
            Matrix weights, float[] x, int columns, int[] active, int[] counts, PackedColumns scratch, float[] out) {
        int inputs = weights.inputs();
        float[] factors = scratch.values; // (column, active input)
        for (int c = 0; c < columns; c++) {
            int from = c * inputs;
            for (int j = from; j < from + counts[c]; j++) {
                factors[j] = x[from + active[j]];
            }
        }
        float[] sums = scratch.accumulators;
        int panels = Layout.pad(weights.outputs()) / Layout.LANES;
        for (int p = 0; p < (panels + 1) / 2; p++) {
            int second = p + panels / 2; // the middle one is computed twice if their number is odd
            for (int c = 0; c < columns; c++) {
                int from = c * inputs;
                int end = from + counts[c];
                switch (weights) {
                    case Int8Matrix w -> VectorActivePanels.multiply(w, p, second, factors, active, from, end, sums);
                    case FloatMatrix w -> VectorActivePanels.multiply(w, p, second, factors, active, from, end, sums);
                    case W8A8Matrix w -> throw w.unsuited();
                }
                put(weights, sums, 0, p, out, c * weights.outputs());
                put(weights, sums, Layout.LANES, second, out, c * weights.outputs());
            }
        }
    }

    private static void put(Matrix weights, float[] sums, int from, int panel, float[] out, int row) {
        int n = panel * Layout.LANES;
        int length = Math.min(Layout.LANES, weights.outputs() - n);
        if (weights instanceof Int8Matrix w) {
            VectorElements.multiply(sums, from, w.scales(), n, length, out, row + n);
        } else {
            System.arraycopy(sums, from, out, row + n, length);
        }
    }
}
