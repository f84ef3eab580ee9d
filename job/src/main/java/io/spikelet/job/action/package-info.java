/** One class for each thing that a command does on Spark: options in, a result record out. */
package io.spikelet.job.action;
