package io.spikelet.engine.bench;

import io.spikelet.engine.model.KeyValueType;
import java.util.List;

/**
 * What a benchmark measures. Immutable.
 *
 * @param batches sequences decoded at once, each 1 to {@value #MAX_BATCH}
 * @param pairBatches the same for two decoders on two threads
 * @param contexts tokens of context to decode at, limited to the model's trained context
 * @param promptTokens length of the sequence to read, limited to the model's trained context
 * @param seconds to spend on the repetitions of one figure; with warm-up a figure usually takes up to three times as
 *     long, a slow one longer
 * @param ladder whether to measure the ladder of techniques (one figure per optimisation) as well
 * @param keyValueCache what attention stores; null for the model's default
 */
public record BenchmarkOptions(
        List<Integer> batches,
        List<Integer> pairBatches,
        List<Integer> contexts,
        int promptTokens,
        double seconds,
        boolean ladder,
        KeyValueType keyValueCache) {
    /** Largest batch. */
    public static final int MAX_BATCH = 1024;

    /** Longest time for a figure, in seconds. */
    public static final double MAX_SECONDS = 600;

    public BenchmarkOptions {
        batches = distinct("batch", batches, MAX_BATCH);
        pairBatches = distinct("batch", pairBatches, MAX_BATCH);
        contexts = distinct("context", contexts, Integer.MAX_VALUE);
        if (batches.isEmpty() || contexts.isEmpty() || promptTokens < 1) {
            throw new IllegalArgumentException("a benchmark needs a batch, a context and a prompt of at least 1 token");
        }
        if (!(seconds > 0 && seconds <= MAX_SECONDS)) {
            throw new IllegalArgumentException(
                    "seconds is " + seconds + "; it must be above 0 and at most " + MAX_SECONDS);
        }
    }

    /** Every figure, in about three minutes for a model of 0.8B parameters. */
    public static BenchmarkOptions standard() {
        return new BenchmarkOptions(List.of(1, 4, 8, 16, 32), List.of(1, 16), List.of(64, 448), 512, 4, false, null);
    }

    /** A few figures, for a first impression. */
    public static BenchmarkOptions quick() {
        return new BenchmarkOptions(List.of(1, 16), List.of(), List.of(64), 128, 1, false, null);
    }

    /** These options with other batches, for one thread and for two. */
    public BenchmarkOptions withBatches(List<Integer> chosen) {
        return new BenchmarkOptions(
                chosen,
                pairBatches.isEmpty() ? List.of() : chosen,
                contexts,
                promptTokens,
                seconds,
                ladder,
                keyValueCache);
    }

    public BenchmarkOptions withSeconds(double chosen) {
        return new BenchmarkOptions(batches, pairBatches, contexts, promptTokens, chosen, ladder, keyValueCache);
    }

    public BenchmarkOptions withLadder(boolean chosen) {
        return new BenchmarkOptions(batches, pairBatches, contexts, promptTokens, seconds, chosen, keyValueCache);
    }

    public BenchmarkOptions withKeyValueCache(KeyValueType chosen) {
        return new BenchmarkOptions(batches, pairBatches, contexts, promptTokens, seconds, ladder, chosen);
    }

    /** Columns (tokens per pass) at which the dense products are measured on their own. */
    List<Integer> columns() {
        return List.of(1, 16, BenchmarkContext.BLOCK);
    }

    private static List<Integer> distinct(String name, List<Integer> values, int limit) {
        for (int value : values) {
            if (value < 1 || value > limit) {
                throw new IllegalArgumentException(name + " is " + value + "; it must be 1 to " + limit);
            }
        }
        return values.stream().distinct().toList();
    }
}
