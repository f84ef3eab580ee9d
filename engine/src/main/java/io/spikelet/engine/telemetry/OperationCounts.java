package io.spikelet.engine.telemetry;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The arithmetic operations of a model, counted as in its specification, and those of a dense transformer of the same
 * shape: the basis of an energy estimate. Exact integers.
 *
 * <p>Immutable.
 *
 * @param accumulates additions that spikes caused (SOPs), by the name of the product
 * @param multiplyAdds multiply-accumulates of products with continuous inputs, by the name of the product
 * @param denseMultiplyAdds multiply-accumulates of the dense twin
 */
public record OperationCounts(Map<String, Long> accumulates, Map<String, Long> multiplyAdds, long denseMultiplyAdds) {
    /** Energy of an accumulate at 45 nm, in picojoules (Horowitz, ISSCC 2014). */
    public static final double ACCUMULATE_PICOJOULES = 0.9;

    /** Energy of a multiply-accumulate at 45 nm, in picojoules (Horowitz, ISSCC 2014). */
    public static final double MULTIPLY_ADD_PICOJOULES = 4.6;

    /** No operations. */
    public static final OperationCounts NONE = new OperationCounts(Map.of(), Map.of(), 0);

    public OperationCounts {
        accumulates = ordered(accumulates);
        multiplyAdds = ordered(multiplyAdds);
    }

    /** The sum of these counts and those of {@code other}. */
    public OperationCounts plus(OperationCounts other) {
        return new OperationCounts(
                sum(accumulates, other.accumulates),
                sum(multiplyAdds, other.multiplyAdds),
                denseMultiplyAdds + other.denseMultiplyAdds);
    }

    /** These counts without those of {@code part}, which must be included in them. */
    public OperationCounts minus(OperationCounts part) {
        return new OperationCounts(
                difference(accumulates, part.accumulates),
                difference(multiplyAdds, part.multiplyAdds),
                denseMultiplyAdds - part.denseMultiplyAdds);
    }

    public long totalAccumulates() {
        return total(accumulates);
    }

    public long totalMultiplyAdds() {
        return total(multiplyAdds);
    }

    /** The energy estimate at 45 nm, in picojoules. */
    public double energyPicojoules() {
        return ACCUMULATE_PICOJOULES * totalAccumulates() + MULTIPLY_ADD_PICOJOULES * totalMultiplyAdds();
    }

    /** The same for the dense twin. */
    public double denseEnergyPicojoules() {
        return MULTIPLY_ADD_PICOJOULES * denseMultiplyAdds;
    }

    private static long total(Map<String, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    private static Map<String, Long> sum(Map<String, Long> a, Map<String, Long> b) {
        Map<String, Long> sums = new LinkedHashMap<>(a);
        b.forEach((name, count) -> sums.merge(name, count, Long::sum));
        return sums;
    }

    private static Map<String, Long> difference(Map<String, Long> whole, Map<String, Long> part) {
        Map<String, Long> rest = new LinkedHashMap<>(whole);
        rest.replaceAll((name, count) -> count - part.getOrDefault(name, 0L));
        return rest;
    }

    private static Map<String, Long> ordered(Map<String, Long> counts) {
        return java.util.Collections.unmodifiableMap(new LinkedHashMap<>(counts));
    }
}
