/**
 * The tables and their columns. Imports nothing of the job.
 */
package io.spikelet.job.schema;
