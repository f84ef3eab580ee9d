package io.spikelet.engine.bench;

import java.util.List;

/**
 * Tokens per second, beside what the machine could do in the same moments.
 *
 * @param shareOfRead bytes of the tokens per second over the bytes that the cores in use could read in order; above 1
 *     where keys, values or a small model are served by caches
 * @param shareOfMultiplyAdds multiply-adds of the tokens per second over those that the cores in use could do in registers
 * @param cost of one token
 * @param allocatedBytesPerToken heap taken per token, the largest of all repetitions; NaN with several threads
 * @param repetitions over which median, minimum and maximum are taken
 */
public record Throughput(
        Spread tokensPerSecond,
        Spread shareOfRead,
        Spread shareOfMultiplyAdds,
        TokenCost cost,
        double allocatedBytesPerToken,
        int repetitions) {
    static Throughput of(List<Sample> samples, TokenCost cost) {
        return new Throughput(
                Spread.of(samples.stream().mapToDouble(Sample::tokensPerSecond).toArray()),
                Spread.of(samples.stream()
                        .mapToDouble(sample -> sample.tokensPerSecond()
                                * cost.bytes()
                                / sample.speed().readBytesPerSecond())
                        .toArray()),
                Spread.of(samples.stream()
                        .mapToDouble(sample -> sample.tokensPerSecond()
                                * cost.multiplyAdds()
                                / sample.speed().multiplyAddsPerSecond())
                        .toArray()),
                cost,
                samples.stream()
                        .mapToDouble(Sample::allocatedBytesPerToken)
                        .max()
                        .orElse(Double.NaN),
                samples.size());
    }
}
