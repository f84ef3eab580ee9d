package io.spikelet.engine.bench;

import java.util.OptionalDouble;

/**
 * What a model takes beside its mapped weights.
 *
 * @param mapMillis time to open the model directory, its pages being in the page cache
 * @param firstMapMillis the same for the first time in a JVM, which still interprets
 * @param residentOverheadBytes resident memory that no file backs ({@code RssAnon}: heap, code, stacks), after a
 *     collection that hands free heap back, less {@code stateBytes}; empty where the system does not say
 * @param stateBytes keys, values and other state of the sequences that were alive then
 */
public record MemoryFigure(
        Spread mapMillis, double firstMapMillis, OptionalDouble residentOverheadBytes, long stateBytes) {}
