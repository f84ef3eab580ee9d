/**
 * What a run reads and where it writes: input rows with stable ids, partitions, output directories. Imports schema.
 */
package io.spikelet.job.plan;
