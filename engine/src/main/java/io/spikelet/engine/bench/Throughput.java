package io.spikelet.engine.bench;

import io.spikelet.engine.model.TokenCost;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Tokens per second, and the limits of the machine measured at the same time.
 *
 * <p>Both shares compare work per second of CPU time with the probe's work per second of CPU time, so other programs on
 * the same core do not affect them; {@code coreShare} is the share of the elapsed time in which the threads had a core.
 *
 * @param tokensPerSecond per second of elapsed time
 * @param coreShare 1 on a quiet machine; with several threads, lower also when they wait for each other
 * @param shareOfRead bytes that the tokens read over the bytes that the cores in use could read sequentially; above 1
 *     where keys, values or a small model come from a cache
 * @param shareOfArithmetic time that the tokens' multiply-adds, additions and operations on bits would take in
 *     registers, over the time that they took. With {@code integers} the dense multiply-adds are counted at the peak
 *     rate of integers. Everything else is counted at the peak rate of float32 multiply-adds, by the lanes that it
 *     takes
 * @param integers whether the dense products multiply integers
 * @param cost of one token
 * @param allocatedBytesPerToken heap bytes allocated per token, median of the repetitions; NaN with several threads
 * @param repetitions number of samples behind median, minimum and maximum
 */
public record Throughput(
        Spread tokensPerSecond,
        double coreShare,
        Spread shareOfRead,
        Spread shareOfArithmetic,
        boolean integers,
        TokenCost cost,
        double allocatedBytesPerToken,
        int repetitions) {
    /** @param integers whether the dense products multiply integers; those of attention never do */
    static Throughput of(List<Sample> samples, TokenCost cost, boolean integers) {
        return new Throughput(
                spread(samples, Sample::tokensPerSecond),
                spread(samples, Sample::coreShare).median(),
                spread(
                        samples,
                        sample -> sample.tokensPerCoreSecond()
                                * cost.bytes()
                                / sample.speed().readBytesPerSecond()),
                spread(
                        samples,
                        sample -> sample.tokensPerCoreSecond()
                                * (cost.denseMultiplyAdds() / sample.densePeak(integers)
                                        + cost.otherLanes() / sample.speed().multiplyAddsPerSecond())),
                integers,
                cost,
                spread(samples, Sample::allocatedBytesPerToken).median(),
                samples.size());
    }

    /** The unit of the arithmetic bound: {@code int8} or {@code fma}. */
    public String arithmeticBound() {
        return integers ? "int8" : "fma";
    }

    private static Spread spread(List<Sample> samples, ToDoubleFunction<Sample> value) {
        return Spread.of(samples.stream().mapToDouble(value).toArray());
    }
}
