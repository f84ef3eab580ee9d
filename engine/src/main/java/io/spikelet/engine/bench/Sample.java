package io.spikelet.engine.bench;

/**
 * One repetition.
 *
 * @param tokensPerSecond per second of elapsed time
 * @param coreShare CPU time of the threads over elapsed time
 * @param speed speed of the machine, the mean of before and after, per second of CPU time
 * @param allocatedBytesPerToken by the thread that ran it; NaN if unknown
 */
record Sample(double tokensPerSecond, double coreShare, MachineSpeed speed, double allocatedBytesPerToken) {
    /** Multiply-adds of dense products that the cores in use could do in registers. */
    double densePeak(boolean integers) {
        return integers ? speed.integerMultiplyAddsPerSecond() : speed.multiplyAddsPerSecond();
    }

    /** The rate that the threads would have reached on cores of their own. */
    double tokensPerCoreSecond() {
        return tokensPerSecond / coreShare;
    }
}
