package io.spikelet.engine.bench;

/** Work that a {@link Stopwatch} times; one instance per thread. */
interface Workload {
    /** Untimed: makes room for at least one step, and returns for how many there is room. */
    int prepare();

    /** Timed: does that many steps, at most those there is room for. */
    void run(int steps);

    int tokensPerStep();
}
