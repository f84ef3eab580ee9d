/** The tables and their columns. */
package io.spikelet.job.schema;
