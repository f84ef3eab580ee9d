package io.spikelet.engine.kernel;

import java.util.Optional;

/** The implementations, by the names that the benchmarks' parameters use. */
final class KernelChoice {
    private KernelChoice() {}

    static Kernels of(String name) {
        return switch (name) {
            case "scalar" -> new ScalarKernels();
            case "vector" -> new VectorKernels(Optional.empty());
            case "native" -> new VectorKernels(Optional.of(NativeProducts.best().orElseThrow()));
            default -> throw new IllegalArgumentException("kernels '" + name + "'; they are scalar, vector or native");
        };
    }
}
