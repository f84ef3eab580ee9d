package io.spikelet.engine.kernel;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The instruction sets of the native library, slowest first. Every level gives the same bits. */
enum NativeLevel {
    /** 16-bit products of widened codes; exact, unlike the 8-bit products of AVX2. */
    AVX2("avx2", 1, 12 * 16),
    AVX_VNNI("avx-vnni", 2, 12 * 32),
    AVX512_VNNI("avx512-vnni", 3, 12 * 64);

    private final String label;
    private final int code;
    private final int multiplyAddsPerStep;

    NativeLevel(String label, int code, int multiplyAddsPerStep) {
        this.label = label;
        this.code = code;
        this.multiplyAddsPerStep = multiplyAddsPerStep;
    }

    /** The name in {@link KernelProvider#NATIVE_PROPERTY} and in the description of the kernels. */
    String label() {
        return label;
    }

    /** The number of the level in the native library. */
    int code() {
        return code;
    }

    /** Multiply-adds in one step of the library's probe. */
    int multiplyAddsPerStep() {
        return multiplyAddsPerStep;
    }

    /** @param set bit set: the sum of 1 << code over the levels */
    static List<NativeLevel> ofSet(int set) {
        return Arrays.stream(values())
                .filter(level -> (set >> level.code & 1) == 1)
                .toList();
    }

    static Optional<NativeLevel> ofLabel(String label) {
        return Arrays.stream(values())
                .filter(level -> level.label.equals(label))
                .findFirst();
    }
}
