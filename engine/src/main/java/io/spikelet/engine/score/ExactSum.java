package io.spikelet.engine.score;

import java.io.Serializable;
import java.nio.ByteBuffer;

/**
 * A sum of doubles without rounding, for any order and any distribution over partial sums. Only {@link
 * #value} rounds, once and to nearest even.
 *
 * <p>A NaN term, or infinities of both signs, give NaN; infinities of one sign give that infinity. An empty sum, or a
 * sum of negative zeros, is +0.
 *
 * <p>Source: the superaccumulator of R. M. Neal, "Fast exact summation using small and large superaccumulators" (2015).
 * Not thread-safe.
 */
public final class ExactSum implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final int DIGIT_BITS = 32;
    private static final long DIGIT_MASK = 0xffffffffL;
    /** From the lowest bit, 2^-1074, to the highest, 2^1023, and 63 more bits for up to 2^63 terms: 2161 bits. */
    private static final int DIGITS = 69;
    /** An addition changes a digit by less than 2^32, so a long can hold this many. */
    private static final int ADDITIONS_BEFORE_CARRY = 1 << 30;

    private static final int MANTISSA_BITS = 52;
    private static final long HIDDEN_BIT = 1L << MANTISSA_BITS;
    private static final int EXPONENT_MASK = 0x7ff;

    private static final byte NAN = 1;
    private static final byte POSITIVE = 2;
    private static final byte NEGATIVE = 4;
    private static final int STATE_BYTES = 1 + DIGITS * Long.BYTES;

    private final long[] digits =
            new long[DIGITS]; // the value is the sum over i of digits[i] * 2^(32 i - 1074); the last has the sign
    private byte special;
    private int additions;

    /** Adds one term. */
    public void add(double term) {
        long bits = Double.doubleToRawLongBits(term);
        int exponent = (int) (bits >>> MANTISSA_BITS) & EXPONENT_MASK;
        long mantissa = bits & (HIDDEN_BIT - 1);
        if (exponent == EXPONENT_MASK) {
            special |= mantissa != 0 ? NAN : bits > 0 ? POSITIVE : NEGATIVE;
            return;
        }
        if (exponent != 0) {
            mantissa |= HIDDEN_BIT;
            exponent--;
        }
        int digit = exponent / DIGIT_BITS;
        int shift = exponent % DIGIT_BITS;
        long high = mantissa >>> (DIGIT_BITS - shift);
        long sign = bits < 0 ? -1 : 1;
        digits[digit] += sign * ((mantissa << shift) & DIGIT_MASK);
        digits[digit + 1] += sign * (high & DIGIT_MASK);
        digits[digit + 2] += sign * (high >>> DIGIT_BITS);
        if (++additions == ADDITIONS_BEFORE_CARRY) {
            carry();
        }
    }

    /** Adds {@code a * b}, exactly unless the product overflows or its rounding error underflows. */
    public void addProduct(double a, double b) {
        double product = a * b;
        add(product);
        if (Double.isFinite(product)) {
            add(Math.fma(a, b, -product));
        }
    }

    /** Adds all terms of another sum, whose value is not changed. */
    public void merge(ExactSum other) {
        carry();
        other.carry();
        for (int i = 0; i < DIGITS; i++) {
            digits[i] += other.digits[i];
        }
        carry();
        special |= other.special;
    }

    /** The double nearest to the sum, ties to even; an infinity if it is out of range. */
    public double value() {
        if (special != 0) {
            return switch (special) {
                case POSITIVE -> Double.POSITIVE_INFINITY;
                case NEGATIVE -> Double.NEGATIVE_INFINITY;
                default -> Double.NaN;
            };
        }
        carry();
        if (digits[DIGITS - 1] >= 0) {
            return round(digits);
        }
        ExactSum negated = new ExactSum();
        for (int i = 0; i < DIGITS; i++) {
            negated.digits[i] = -digits[i];
        }
        negated.carry();
        return -round(negated.digits);
    }

    /** The state for {@link #of}; equal sums have equal states. */
    public byte[] state() {
        carry();
        ByteBuffer state = ByteBuffer.allocate(STATE_BYTES).put(special);
        for (long digit : digits) {
            state.putLong(digit);
        }
        return state.array();
    }

    /**
     * The sum that had this {@link #state}.
     *
     * @throws IllegalArgumentException if the bytes are invalid
     */
    public static ExactSum of(byte[] state) {
        if (state.length != STATE_BYTES) {
            throw new IllegalArgumentException(
                    "the state of an exact sum has " + state.length + " bytes; it must have " + STATE_BYTES);
        }
        ByteBuffer in = ByteBuffer.wrap(state);
        ExactSum sum = new ExactSum();
        sum.special = in.get();
        for (int i = 0; i < DIGITS; i++) {
            sum.digits[i] = in.getLong();
            if (i < DIGITS - 1 && (sum.digits[i] & ~DIGIT_MASK) != 0) {
                throw new IllegalArgumentException("digit " + i + " of an exact sum is " + sum.digits[i]
                        + "; it must be 0 to " + DIGIT_MASK + ": the bytes are not a state");
            }
        }
        return sum;
    }

    /** Normalises every digit except the last to 0 .. 2^32 - 1. */
    private void carry() {
        for (int i = 0; i < DIGITS - 1; i++) {
            digits[i + 1] += digits[i] >> DIGIT_BITS;
            digits[i] &= DIGIT_MASK;
        }
        additions = 0;
    }

    /** The double nearest to the value of digits that are all in 0 .. 2^32 - 1. */
    private static double round(long[] digits) {
        int top = DIGITS - 1;
        while (top > 0 && digits[top] == 0) {
            top--;
        }
        int highest = top * DIGIT_BITS + 63 - Long.numberOfLeadingZeros(digits[top]); // -1 for zero
        if (highest <= MANTISSA_BITS) {
            return Double.longBitsToDouble(digits[0] | digits[1] << DIGIT_BITS); // the sum in units of 2^-1074
        }
        int lowest = highest - MANTISSA_BITS; // bit of the sum that becomes the last bit of the mantissa
        long mantissa = 0;
        for (int bit = highest; bit >= lowest; bit--) {
            mantissa = mantissa << 1 | bit(digits, bit);
        }
        if (bit(digits, lowest - 1) == 1 && ((mantissa & 1) == 1 || anyBelow(digits, lowest - 1))) {
            mantissa++;
        }
        // a mantissa that was rounded up to 2^53 carries into the exponent, and at the end of the range to infinity
        long biased = Math.min((long) lowest + 1, EXPONENT_MASK);
        long bits = (biased << MANTISSA_BITS) + (mantissa - HIDDEN_BIT);
        return bits >= (long) EXPONENT_MASK << MANTISSA_BITS ? Double.POSITIVE_INFINITY : Double.longBitsToDouble(bits);
    }

    private static long bit(long[] digits, int index) {
        return digits[index / DIGIT_BITS] >>> (index % DIGIT_BITS) & 1;
    }

    private static boolean anyBelow(long[] digits, int index) {
        int whole = index / DIGIT_BITS;
        for (int i = 0; i < whole; i++) {
            if (digits[i] != 0) {
                return true;
            }
        }
        return (digits[whole] & ((1L << (index % DIGIT_BITS)) - 1)) != 0;
    }
}
