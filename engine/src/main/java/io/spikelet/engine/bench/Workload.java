package io.spikelet.engine.bench;

/** Work that a {@link Stopwatch} times; one instance per thread. */
interface Workload {
    /** Untimed: makes room for at least one step, and returns how many steps fit. */
    int prepare();

    /** Timed: runs the given number of steps, at most as many as fit. */
    void run(int steps);

    int tokensPerStep();
}
