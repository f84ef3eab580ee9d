package io.spikelet.engine.bench;

/**
 * One sequence decoded with one set of techniques.
 *
 * @param name what the step is
 * @param kernels description of the kernels
 * @param weights {@code fp32}, {@code int8} or {@code w8a8}
 * @param skipsSilentInputs whether the matrices with spikes are visited at the inputs that fired alone
 */
public record OptimizationStep(
        String name, String kernels, String weights, boolean skipsSilentInputs, int context, Throughput throughput) {}
