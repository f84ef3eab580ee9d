/**
 * What fired, by named populations, what it took, and which kernels run. Imports kernel.
 */
package io.spikelet.engine.telemetry;
