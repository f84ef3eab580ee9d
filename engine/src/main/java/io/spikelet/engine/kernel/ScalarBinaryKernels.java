package io.spikelet.engine.kernel;

import io.spikelet.engine.tensor.Int8Matrix;
import io.spikelet.engine.tensor.Layout;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** The specification of {@link BinaryKernels}, one neuron and one key at a time. */
class ScalarBinaryKernels implements BinaryKernels {
    static final ScalarBinaryKernels INSTANCE = new ScalarBinaryKernels();

    @Override
    public void fire(
            float[] charges,
            int offset,
            int stride,
            int steps,
            int length,
            MembraneReset reset,
            float beta,
            float threshold,
            long[] bits,
            int to,
            int wordStride) {
        for (int t = 0; t < steps; t++) {
            Arrays.fill(bits, to + t * wordStride, to + t * wordStride + HeadBits.words(length), 0);
        }
        fireFrom(0, charges, offset, stride, steps, length, reset, beta, threshold, bits, to, wordStride);
    }

    /** Processes neurons {@code [from, length)}; their bits must be 0 before. */
    static void fireFrom(
            int from,
            float[] charges,
            int offset,
            int stride,
            int steps,
            int length,
            MembraneReset reset,
            float beta,
            float threshold,
            long[] bits,
            int to,
            int wordStride) {
        for (int i = from; i < length; i++) {
            float v = 0f;
            float owed = 0f;
            for (int t = 0; t < steps; t++) {
                float h = beta * v + charges[offset + t * stride + i] - owed;
                boolean fired = h >= threshold;
                switch (reset) {
                    case HARD -> v = fired ? 0f : h;
                    case SOFT_A -> v = fired ? h - threshold : h;
                    case SOFT_B -> {
                        v = h;
                        owed = fired ? threshold : 0f;
                    }
                }
                if (fired) {
                    bits[to + t * wordStride + i / Long.SIZE] |= 1L << i;
                }
            }
        }
    }

    @Override
    public void charge(float[] x, int offset, int length, float[] scales, float[] bias) {
        if (bias == null) {
            for (int i = 0; i < length; i++) {
                x[offset + i] = scales[i] * x[offset + i];
            }
        } else {
            for (int i = 0; i < length; i++) {
                x[offset + i] = scales[i] * x[offset + i] + bias[i];
            }
        }
    }

    @Override
    public void chargeNormed(
            float[] x,
            int offset,
            int length,
            float mean,
            float inverse,
            float[] scales,
            float[] codeSums,
            float[] constants) {
        for (int i = 0; i < length; i++) {
            x[offset + i] = inverse * (scales[i] * (x[offset + i] - mean * codeSums[i])) + constants[i];
        }
    }

    @Override
    public void normalise(float[] x, int offset, int length, double epsilon, float[] out, int to) {
        double sum = 0;
        for (int i = 0; i < length; i++) {
            sum += x[offset + i];
        }
        double mean = sum / length;
        double squares = 0;
        for (int i = 0; i < length; i++) {
            double d = x[offset + i] - mean;
            squares += d * d;
        }
        double inverse = 1 / Math.sqrt(squares / length + epsilon);
        for (int i = 0; i < length; i++) {
            out[to + i] = (float) ((x[offset + i] - mean) * inverse);
        }
    }

    @Override
    public long sum(float[] x, int offset, int length) {
        long sum = 0;
        for (int i = 0; i < length; i++) {
            sum += (int) x[offset + i];
        }
        return sum;
    }

    @Override
    public long squares(float[] x, int offset, int length) {
        long sum = 0;
        for (int i = 0; i < length; i++) {
            int value = (int) x[offset + i];
            sum += (long) value * value;
        }
        return sum;
    }

    @Override
    public void addBits(long[] bits, int from, int length, float[] x, int offset) {
        for (int i = 0; i < length; i++) {
            x[offset + i] += bits[from + i / Long.SIZE] >>> i & 1;
        }
    }

    @Override
    public void spread(long[] bits, int from, int length, float[] x, int offset) {
        for (int i = 0; i < length; i++) {
            x[offset + i] = bits[from + i / Long.SIZE] >>> i & 1;
        }
    }

    @Override
    public void add(float[] x, int offset, int length, float[] y, int to) {
        for (int i = 0; i < length; i++) {
            y[to + i] += x[offset + i];
        }
    }

    @Override
    public void scaled(float factor, float[] x, int offset, int length, float[] y, int to) {
        for (int i = 0; i < length; i++) {
            y[to + i] = factor * x[offset + i];
        }
    }

    @Override
    public long count(long[] bits, int from, int words) {
        long count = 0;
        for (int w = 0; w < words; w++) {
            count += Long.bitCount(bits[from + w]);
        }
        return count;
    }

    @Override
    public void list(long[] bits, int from, int words, SpikeLists lists, int list) {
        int begin = lists.offset(list);
        int end = begin;
        for (int w = 0; w < words; w++) {
            for (long word = bits[from + w]; word != 0; word &= word - 1) {
                lists.indices[end++] = w * Long.SIZE + Long.numberOfTrailingZeros(word);
            }
        }
        lists.count(list, end - begin);
    }

    @Override
    public void list(float[] x, int offset, int length, SpikeLists lists, int list) {
        int begin = lists.offset(list);
        int end = begin;
        if (lists.times == null) {
            for (int i = 0; i < length; i++) {
                lists.indices[end] = i;
                end += x[offset + i] == 0 ? 0 : 1;
            }
            lists.count(list, end - begin);
            return;
        }
        for (int i = 0; i < length; i++) {
            // Always written, but kept only if nonzero, so that there is no branch to mispredict.
            lists.indices[end] = i;
            lists.times[end] = (int) x[offset + i];
            end += x[offset + i] == 0 ? 0 : 1;
        }
        lists.count(list, end - begin);
    }

    @Override
    public void overlap(
            long[] query,
            int from,
            HeadBits heads,
            long[] keys,
            int at,
            int keyStride,
            int positions,
            long[] fired,
            int to,
            int firedStride) {
        for (int head = 0; head < heads.heads(); head++) {
            for (int j = 0; j < positions; j += Long.SIZE) {
                int end = Math.min(positions, j + Long.SIZE);
                fired[to + head * firedStride + j / Long.SIZE] =
                        overlapWord(query, from, heads, head, keys, at, keyStride, j, end);
            }
        }
    }

    /** The bits of keys {@code [begin, end)}, at most 64. */
    static long overlapWord(
            long[] query, int from, HeadBits heads, int head, long[] keys, int at, int keyStride, int begin, int end) {
        long fired = 0;
        for (int w = heads.firstWord(head); w <= heads.lastWord(head); w++) {
            long channels = query[from + w] & heads.mask(head, w);
            int key = at + w * keyStride;
            for (int j = begin; j < end && channels != 0; j++) {
                fired |= ((channels & keys[key + j]) != 0 ? 1L : 0L) << j;
            }
        }
        return fired;
    }

    @Override
    public void overlaps(
            long[] query,
            int from,
            HeadBits heads,
            int head,
            long[] keys,
            int at,
            int keyStride,
            int positions,
            float[] scores,
            int to) {
        Arrays.fill(scores, to, to + positions, 0f);
        for (int w = heads.firstWord(head); w <= heads.lastWord(head); w++) {
            long channels = query[from + w] & heads.mask(head, w);
            int key = at + w * keyStride;
            for (int j = 0; j < positions; j++) {
                scores[to + j] += Long.bitCount(channels & keys[key + j]);
            }
        }
    }

    @Override
    public void any(
            long[] fired,
            int from,
            int positions,
            HeadBits heads,
            int head,
            long[] values,
            int at,
            int valueStride,
            long[] out,
            int to) {
        for (int w = heads.firstWord(head); w <= heads.lastWord(head); w++) {
            long mask = heads.mask(head, w);
            long channels = 0;
            int value = at + w * valueStride;
            for (int j = 0; j < positions && channels != mask; j += Long.SIZE) {
                for (long word = fired[from + j / Long.SIZE]; word != 0; word &= word - 1) {
                    channels |= values[value + j + Long.numberOfTrailingZeros(word)] & mask;
                }
            }
            out[to + w] |= channels;
        }
    }

    @Override
    public void total(
            long[] fired,
            int from,
            int positions,
            HeadBits heads,
            int head,
            long[] values,
            int at,
            int valueStride,
            float[] out,
            int to) {
        for (int w = heads.firstWord(head); w <= heads.lastWord(head); w++) {
            long mask = heads.mask(head, w);
            int value = at + w * valueStride;
            int channel = to + w * Long.SIZE;
            for (int j = 0; j < positions; j += Long.SIZE) {
                for (long word = fired[from + j / Long.SIZE]; word != 0; word &= word - 1) {
                    long ones = values[value + j + Long.numberOfTrailingZeros(word)] & mask;
                    for (; ones != 0; ones &= ones - 1) {
                        out[channel + Long.numberOfTrailingZeros(ones)]++;
                    }
                }
            }
        }
    }

    @Override
    public void multiplyExactly(Int8Matrix weights, float[] x, int offset, int outputs, float[] out, int to) {
        for (int n = 0; n < outputs; n++) {
            long at = weights.layout().index(n, 0, weights.outputs(), weights.inputs());
            int sum = 0;
            for (int k = 0; k < weights.inputs(); k++, at += Layout.LANES) {
                sum += (int) x[offset + k] * weights.data().get(ValueLayout.JAVA_BYTE, at);
            }
            out[to + n] = sum;
        }
    }
}
