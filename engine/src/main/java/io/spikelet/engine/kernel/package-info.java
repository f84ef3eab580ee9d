/**
 * Every hot loop, twice: scalar kernels are the specification, the others return the same bits faster. Nothing here
 * allocates, boxes, streams or logs. Imports tensor; only classes called Vector… import {@code jdk.incubator.vector}.
 */
package io.spikelet.engine.kernel;
