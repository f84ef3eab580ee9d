package io.spikelet.engine.bench;

/**
 * What the cores in use can do at best, by {@link io.spikelet.engine.kernel.MachineProbe}; a sum over the threads, per
 * second on a core.
 *
 * @param readBytesPerSecond the weights read in order; of a model that fits into a cache this is the cache's speed
 * @param multiplyAddsPerSecond float32, in registers
 * @param integerMultiplyAddsPerSecond of bytes to int32, in registers; without the native library those of float32, since its
 *     kernels multiply with these
 */
record MachineSpeed(double readBytesPerSecond, double multiplyAddsPerSecond, double integerMultiplyAddsPerSecond) {
    /** Midway between two. */
    static MachineSpeed between(MachineSpeed a, MachineSpeed b) {
        return new MachineSpeed(
                (a.readBytesPerSecond + b.readBytesPerSecond) / 2,
                (a.multiplyAddsPerSecond + b.multiplyAddsPerSecond) / 2,
                (a.integerMultiplyAddsPerSecond + b.integerMultiplyAddsPerSecond) / 2);
    }
}
