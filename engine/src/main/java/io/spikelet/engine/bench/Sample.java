package io.spikelet.engine.bench;

/**
 * One repetition.
 *
 * @param tokensPerSecond by the clock
 * @param coreShare time that the threads had a core, over the time that passed
 * @param speed the machine's own speed, before and after, per second on a core
 * @param allocatedBytesPerToken by the thread that ran it; NaN where that is not known
 */
record Sample(double tokensPerSecond, double coreShare, MachineSpeed speed, double allocatedBytesPerToken) {
    /** Multiply-adds of dense products that the cores in use could do in registers. */
    double densePeak(boolean integers) {
        return integers ? speed.integerMultiplyAddsPerSecond() : speed.multiplyAddsPerSecond();
    }

    /** The rate that the threads would have had with their cores to themselves. */
    double tokensPerCoreSecond() {
        return tokensPerSecond / coreShare;
    }
}
