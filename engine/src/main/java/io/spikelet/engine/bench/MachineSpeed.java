package io.spikelet.engine.bench;

/**
 * The limits of the cores in use, measured by {@link io.spikelet.engine.kernel.MachineProbe}; a sum over the threads,
 * per second of CPU time.
 *
 * @param readBytesPerSecond sequential reads of the weights; for a model that fits into a cache this is the speed of
 *     the cache
 * @param multiplyAddsPerSecond float32, in registers
 * @param integerMultiplyAddsPerSecond products of bytes added to int32, in registers; without the native library the
 *     float32 rate, because the kernels then use float32
 */
record MachineSpeed(double readBytesPerSecond, double multiplyAddsPerSecond, double integerMultiplyAddsPerSecond) {
    /** The mean of two speeds. */
    static MachineSpeed between(MachineSpeed a, MachineSpeed b) {
        return new MachineSpeed(
                (a.readBytesPerSecond + b.readBytesPerSecond) / 2,
                (a.multiplyAddsPerSecond + b.multiplyAddsPerSecond) / 2,
                (a.integerMultiplyAddsPerSecond + b.integerMultiplyAddsPerSecond) / 2);
    }
}
