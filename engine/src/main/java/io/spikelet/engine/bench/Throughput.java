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
 * @param shareOfMultiplyAdds time that the tokens' multiply-adds would take in registers over the time that they took; with
 *     {@code integers} the dense ones at the peak of integers, those of the attention at that of floats
 * @param integers whether the dense products multiply integers
 * @param cost of one token
 * @param allocatedBytesPerToken heap taken per token, median of the repetitions; NaN with several threads
 * @param repetitions over which median, minimum and maximum are taken
 */
public record Throughput(
        Spread tokensPerSecond,
        double coreShare,
        Spread shareOfRead,
        Spread shareOfMultiplyAdds,
        boolean integers,
        TokenCost cost,
        double allocatedBytesPerToken,
        int repetitions) {
    /** @param integers whether the dense products are those of integers; the attention's are not */
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
                                        + cost.attentionMultiplyAdds()
                                                / sample.speed().multiplyAddsPerSecond())),
                integers,
                cost,
                spread(samples, Sample::allocatedBytesPerToken).median(),
                samples.size());
    }

    /** What the multiply-adds are measured by: {@code int8} or {@code fma}. */
    public String multiplyAddBound() {
        return integers ? "int8" : "fma";
    }

    private static Spread spread(List<Sample> samples, ToDoubleFunction<Sample> value) {
        return Spread.of(samples.stream().mapToDouble(value).toArray());
    }
}
