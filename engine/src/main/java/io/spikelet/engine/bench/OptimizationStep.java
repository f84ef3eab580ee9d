package io.spikelet.engine.bench;

/**
 * One sequence decoded with one set of techniques.
 *
 * @param name of the step
 * @param kernels description of the kernels
 * @param weights {@code fp32}, {@code int8} or {@code w8a8}
 * @param skipsSilentInputs whether the matrices with spike inputs are read only at the inputs that fired
 */
public record OptimizationStep(
        String name, String kernels, String weights, boolean skipsSilentInputs, int context, Throughput throughput) {}
