/**
 * Every hot loop, in two versions: the scalar kernels are the specification, and the others return the same bits
 * faster. Nothing here allocates, boxes, uses streams or logs. Imports tensor; only classes called Vector… import
 * {@code jdk.incubator.vector}.
 */
package io.spikelet.engine.kernel;
