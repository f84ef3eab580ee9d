/**
 * Code that runs inside a Spark task and maps rows to rows, lazily. Imports executor, plan, schema and the engine, no
 * kernel and no family.
 */
package io.spikelet.job.task;
