package io.spikelet.engine.score;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.ByteBuffer;

/**
 * A ratio of two totals over sampled units, such as nats per token over documents or correct answers per question over
 * subjects, and its standard error. Sums are exact, so the bits do not depend on the order of the units or on partial
 * sums. Not thread-safe.
 */
public final class RatioSums implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final MathContext PRECISION = new MathContext(60);
    private static final int SUMS = 5;

    private final ExactSum[] sums; // of y, x, y², x y, x²
    private long units;

    public RatioSums() {
        this(0, new ExactSum(), new ExactSum(), new ExactSum(), new ExactSum(), new ExactSum());
    }

    private RatioSums(long units, ExactSum... sums) {
        this.units = units;
        this.sums = sums;
    }

    /** Adds a unit; a unit of 0 over 0 is ignored. */
    public void add(double numerator, double denominator) {
        if (numerator == 0 && denominator == 0) {
            return;
        }
        units++;
        sums[0].add(numerator);
        sums[1].add(denominator);
        sums[2].addProduct(numerator, numerator);
        sums[3].addProduct(numerator, denominator);
        sums[4].addProduct(denominator, denominator);
    }

    /** Adds all units of another, whose values are not changed. */
    public void merge(RatioSums other) {
        units += other.units;
        for (int i = 0; i < SUMS; i++) {
            sums[i].merge(other.sums[i]);
        }
    }

    public long units() {
        return units;
    }

    public double numerator() {
        return sums[0].value();
    }

    public double denominator() {
        return sums[1].value();
    }

    /** Numerator over denominator; NaN if both totals are 0. */
    public double ratio() {
        return numerator() / denominator();
    }

    /**
     * Standard error of {@link #ratio} R by the delta method: the root of D / (D - 1) times the sum over D units of
     * (numerator - R denominator)², over the total of the denominators. NaN for fewer than two units.
     */
    public double standardError() {
        double total = denominator();
        if (units < 2 || !(total > 0) || !Double.isFinite(sums[2].value())) {
            return Double.NaN;
        }
        // the three terms nearly cancel, so more digits than those of a double are needed
        BigDecimal ratio = new BigDecimal(numerator()).divide(new BigDecimal(total), PRECISION);
        BigDecimal crossed = ratio.multiply(new BigDecimal(sums[3].value()), PRECISION);
        BigDecimal squared = ratio.multiply(ratio, PRECISION).multiply(new BigDecimal(sums[4].value()), PRECISION);
        BigDecimal residual = new BigDecimal(sums[2].value())
                .subtract(crossed.multiply(BigDecimal.TWO))
                .add(squared);
        return Math.sqrt(Math.max(0, residual.doubleValue()) * units / (units - 1.0) / total / total);
    }

    /** The state for {@link #of}; equal sums have equal states. */
    public byte[] state() {
        byte[][] states = new byte[SUMS][];
        for (int i = 0; i < SUMS; i++) {
            states[i] = sums[i].state();
        }
        ByteBuffer state =
                ByteBuffer.allocate(Long.BYTES + SUMS * states[0].length).putLong(units);
        for (byte[] sum : states) {
            state.put(sum);
        }
        return state.array();
    }

    /**
     * The sums that had this {@link #state}.
     *
     * @throws IllegalArgumentException if the bytes are invalid
     */
    public static RatioSums of(byte[] state) {
        int sumBytes = (state.length - Long.BYTES) / SUMS;
        if (sumBytes < 0 || Long.BYTES + SUMS * sumBytes != state.length) {
            throw new IllegalArgumentException(state.length + " bytes are not the state of a ratio");
        }
        ByteBuffer in = ByteBuffer.wrap(state);
        long units = in.getLong();
        ExactSum[] sums = new ExactSum[SUMS];
        for (int i = 0; i < SUMS; i++) {
            byte[] sum = new byte[sumBytes];
            in.get(sum);
            sums[i] = ExactSum.of(sum);
        }
        return new RatioSums(units, sums);
    }
}
