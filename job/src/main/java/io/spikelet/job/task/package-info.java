/** What runs inside a Spark task: rows in, rows out, lazily. */
package io.spikelet.job.task;
