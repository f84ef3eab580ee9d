package io.spikelet.engine.bench;

/**
 * One repetition.
 *
 * @param speed the machine's own speed, before and after
 * @param allocatedBytesPerToken by the thread that ran it; NaN where that is not known
 */
record Sample(double tokensPerSecond, MachineSpeed speed, double allocatedBytesPerToken) {}
