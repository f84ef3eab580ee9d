package io.spikelet.engine.kernel;

import java.util.Optional;

/** The twins, by the names that the benchmarks' parameters use. */
final class KernelChoice {
    private KernelChoice() {}

    static Kernels of(String name) {
        return switch (name) {
            case "scalar" -> new ScalarKernels();
            case "vector" -> new VectorKernels(Optional.empty());
            default -> throw new IllegalArgumentException("kernels '" + name + "'; they are scalar or vector");
        };
    }
}
