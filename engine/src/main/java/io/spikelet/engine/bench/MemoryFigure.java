package io.spikelet.engine.bench;

import java.util.OptionalDouble;

/**
 * The memory that a model needs in addition to its mapped weights, and the time to open it.
 *
 * @param mapMillis time to open the model directory when its pages are in the page cache
 * @param firstMapMillis the same for the first time in a JVM, when its code is still interpreted
 * @param residentOverheadBytes resident memory that no file backs ({@code RssAnon}: heap, code, stacks), after a
 *     collection that returns free heap, less {@code stateBytes}; empty where the system does not report it
 * @param stateBytes keys, values and other state of the sequences that existed at that time
 */
public record MemoryFigure(
        Spread mapMillis, double firstMapMillis, OptionalDouble residentOverheadBytes, long stateBytes) {}
