package io.spikelet.engine.bench;

/**
 * What the cores in use can do at best, by {@link io.spikelet.engine.kernel.MachineProbe}; a sum over the threads, per
 * second on a core.
 *
 * @param readBytesPerSecond the weights read in order; of a model that fits into a cache this is the cache's speed
 * @param multiplyAddsPerSecond float32, in registers
 */
record MachineSpeed(double readBytesPerSecond, double multiplyAddsPerSecond) {
    /** Midway between two. */
    static MachineSpeed between(MachineSpeed a, MachineSpeed b) {
        return new MachineSpeed(
                (a.readBytesPerSecond + b.readBytesPerSecond) / 2,
                (a.multiplyAddsPerSecond + b.multiplyAddsPerSecond) / 2);
    }
}
