/** What a run reads and where it writes: input rows with stable ids, partitions, output directories. */
package io.spikelet.job.plan;
