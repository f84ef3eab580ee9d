/**
 * What runs inside a Spark task: rows in, rows out, lazily. Imports executor, plan, schema and the engine, no kernel
 * and no family.
 */
package io.spikelet.job.task;
