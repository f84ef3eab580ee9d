package io.spikelet.engine.kernel;

import java.util.Arrays;
import java.util.Optional;

/** The instruction sets of the native library, slowest first. Every level gives the same bits. */
enum NativeLevel {
    /** 16-bit products of widened codes: exact, unlike those of 8-bit ones. */
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

    /** The name in {@link KernelProvider#NATIVE_PROPERTY} and in what describes the kernels. */
    String label() {
        return label;
    }

    /** The library's number of the level. */
    int code() {
        return code;
    }

    /** Multiply-adds in one step of the library's probe. */
    int multiplyAddsPerStep() {
        return multiplyAddsPerStep;
    }

    static Optional<NativeLevel> ofCode(int code) {
        return Arrays.stream(values()).filter(level -> level.code == code).findFirst();
    }

    static Optional<NativeLevel> ofLabel(String label) {
        return Arrays.stream(values())
                .filter(level -> level.label.equals(label))
                .findFirst();
    }
}
