/**
 * Spike counts by named populations, operation counts, and the kernels in use. Imports kernel.
 */
package io.spikelet.engine.telemetry;
