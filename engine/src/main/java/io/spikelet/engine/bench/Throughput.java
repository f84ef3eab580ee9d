package io.spikelet.engine.bench;

import io.spikelet.engine.model.TokenCost;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Tokens per second, beside what the machine could do in the same moments.
 *
 * <p>Both shares compare work per second on a core with the probe's work per second on a core, so that other programs
 * that take turns on it do not show in them; {@code coreShare} says how much of the time the threads had one.
 *
 * @param tokensPerSecond by the clock
 * @param coreShare 1 on a quiet machine; for several threads also what they waited for each other
 * @param shareOfRead bytes of the tokens over the bytes that the cores in use could read in order; above 1 where keys,
 *     values or a small model are served by caches
 * @param shareOfMultiplyAdds multiply-adds of the tokens over those that the cores in use could do in registers
 * @param cost of one token
 * @param allocatedBytesPerToken heap taken per token, median of the repetitions; NaN with several threads
 * @param repetitions over which median, minimum and maximum are taken
 */
public record Throughput(
        Spread tokensPerSecond,
        double coreShare,
        Spread shareOfRead,
        Spread shareOfMultiplyAdds,
        TokenCost cost,
        double allocatedBytesPerToken,
        int repetitions) {
    static Throughput of(List<Sample> samples, TokenCost cost) {
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
                                * cost.multiplyAdds()
                                / sample.speed().multiplyAddsPerSecond()),
                cost,
                spread(samples, Sample::allocatedBytesPerToken).median(),
                samples.size());
    }

    private static Spread spread(List<Sample> samples, ToDoubleFunction<Sample> value) {
        return Spread.of(samples.stream().mapToDouble(value).toArray());
    }
}
