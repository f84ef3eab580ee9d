package io.spikelet.engine.score;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * A bootstrap over units such as documents, in one pass and without storing them. In each replicate the weight of a
 * unit is a Poisson variable with mean 1 that depends only on (seed, unit, replicate), and totals are integers. So the
 * same units give the same interval, in any order and for any number of partial sums.
 *
 * <p>Source: the Poisson bootstrap of N. Chamandy et al., "Estimating uncertainty for massive data streams" (2012). Not
 * thread-safe.
 */
public final class Bootstrap implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Enough for percentiles that vary by a few percent of the standard error. */
    public static final int DEFAULT_REPLICATES = 1000;

    private static final int HEADER_BYTES = 2 * Long.BYTES + 2 * Integer.BYTES;
    private static final double STEPS = 1 << 20; // per unit of a measure: far below any error
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;
    private static final double[] CUMULATED = cumulated(); // (count): probability of at most that count

    private final long seed;
    private final int replicates;
    private final int measures;
    private final long[] totals; // (replicate, measure), in 1 / STEPS
    private long units;

    /**
     * The interval of a statistic over its replicates; all NaN if there are too few replicates or fewer than two units.
     *
     * @param standardError their standard deviation
     * @param low 2.5th percentile
     * @param high 97.5th percentile
     */
    public record Interval(double standardError, double low, double high) {
        static final Interval UNKNOWN = new Interval(Double.NaN, Double.NaN, Double.NaN);
    }

    /**
     * @param replicates 0 for no intervals
     * @param measures how many numbers per unit are summed, such as nll and tokens
     */
    public Bootstrap(long seed, int replicates, int measures) {
        if (replicates < 0 || measures < 1) {
            throw new IllegalArgumentException(
                    "replicates are " + replicates + " and measures " + measures + "; there must be at least 0 and 1");
        }
        this.seed = seed;
        this.replicates = replicates;
        this.measures = measures;
        this.totals = new long[Math.multiplyExact(replicates, measures)];
    }

    /**
     * Adds a unit.
     *
     * @param unit its unique name
     * @throws ArithmeticException if a total is beyond 2^43
     * @throws IllegalArgumentException if the number of values is not the number of measures
     */
    public void add(String unit, double... values) {
        if (values.length != measures) {
            throw new IllegalArgumentException(values.length + " values for " + measures + " measures");
        }
        units++;
        long[] steps = new long[measures];
        for (int i = 0; i < measures; i++) {
            steps[i] = Math.round(values[i] * STEPS);
        }
        long state = mix(seed ^ hash(unit));
        for (int replicate = 0; replicate < replicates; replicate++) {
            state += GOLDEN;
            int count = count(mix(state));
            for (int i = 0; count > 0 && i < measures; i++) {
                int at = replicate * measures + i;
                totals[at] = Math.addExact(totals[at], Math.multiplyExact(steps[i], count));
            }
        }
    }

    /**
     * Adds all units of another bootstrap, which is not changed.
     *
     * @throws IllegalArgumentException if it has a different seed or shape
     */
    public void merge(Bootstrap other) {
        if (other.seed != seed || other.replicates != replicates || other.measures != measures) {
            throw new IllegalArgumentException("bootstraps of different seeds or shapes cannot be merged");
        }
        units += other.units;
        for (int i = 0; i < totals.length; i++) {
            totals[i] = Math.addExact(totals[i], other.totals[i]);
        }
    }

    public long units() {
        return units;
    }

    /**
     * A statistic in every replicate, {@code [replicates]}.
     *
     * @param statistic function of the totals {@code [measures]}; NaN if undefined
     */
    public double[] replicates(ToDoubleFunction<double[]> statistic) {
        return IntStream.range(0, replicates)
                .mapToDouble(replicate -> statistic.applyAsDouble(IntStream.range(0, measures)
                        .mapToDouble(i -> totals[replicate * measures + i] / STEPS)
                        .toArray()))
                .toArray();
    }

    /** The interval of a statistic, as in {@link #replicates(ToDoubleFunction)}. */
    public Interval interval(ToDoubleFunction<double[]> statistic) {
        return units < 2 ? Interval.UNKNOWN : interval(replicates(statistic));
    }

    /**
     * The interval of replicates. Those that are not finite are left out; all values are NaN if these are more than
     * half.
     */
    public static Interval interval(double[] replicates) {
        double[] known =
                Arrays.stream(replicates).filter(Double::isFinite).sorted().toArray();
        if (known.length < 2 || known.length * 2 < replicates.length) {
            return Interval.UNKNOWN;
        }
        double mean = Arrays.stream(known).sum() / known.length; // ascending, so that the bits are always the same
        double squares = 0;
        for (double value : known) {
            squares += (value - mean) * (value - mean);
        }
        return new Interval(
                Math.sqrt(squares / (known.length - 1)), percentile(known, 0.025), percentile(known, 0.975));
    }

    /** The state for {@link #of}; equal bootstraps have equal states. */
    public byte[] state() {
        ByteBuffer state = ByteBuffer.allocate(HEADER_BYTES + totals.length * Long.BYTES)
                .putLong(seed)
                .putLong(units)
                .putInt(replicates)
                .putInt(measures);
        for (long total : totals) {
            state.putLong(total);
        }
        return state.array();
    }

    /**
     * The bootstrap that had this {@link #state}.
     *
     * @throws IllegalArgumentException if the bytes are invalid
     */
    public static Bootstrap of(byte[] state) {
        ByteBuffer in = ByteBuffer.wrap(state);
        if (state.length < HEADER_BYTES) {
            throw new IllegalArgumentException(state.length + " bytes are not the state of a bootstrap");
        }
        long seed = in.getLong();
        long units = in.getLong();
        int replicates = in.getInt();
        int measures = in.getInt();
        if (replicates < 0 || measures < 1 || (long) replicates * measures * Long.BYTES != in.remaining()) {
            throw new IllegalArgumentException(state.length + " bytes are not the state of a bootstrap of " + replicates
                    + " replicates and " + measures + " measures");
        }
        Bootstrap bootstrap = new Bootstrap(seed, replicates, measures);
        bootstrap.units = units;
        in.asLongBuffer().get(bootstrap.totals);
        return bootstrap;
    }

    private static double percentile(double[] sorted, double share) {
        double place = share * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }

    private static int count(long random) {
        double uniform = (random >>> 11) * 0x1p-53;
        int count = 0;
        while (count < CUMULATED.length && uniform >= CUMULATED[count]) {
            count++;
        }
        return count;
    }

    private static double[] cumulated() {
        double[] cumulated = new double[18]; // the remaining probability is below 2^-53
        double probability = StrictMath.exp(-1);
        double sum = 0;
        for (int k = 0; k < cumulated.length; k++) {
            sum += probability;
            cumulated[k] = sum;
            probability /= k + 1;
        }
        return cumulated;
    }

    private static long hash(String unit) {
        long hash = unit.length();
        for (int i = 0; i < unit.length(); i++) {
            hash = mix(hash ^ unit.charAt(i));
        }
        return hash;
    }

    /** The finalizer of SplitMix64. */
    private static long mix(long z) {
        long x = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        x = (x ^ (x >>> 27)) * 0x94d049bb133111ebL;
        return x ^ (x >>> 31);
    }
}
