/**
 * What each command does on Spark, from its checks to the published tables: options in, a result record out. Imports
 * executor, plan, schema, sql, report, task and the engine; is imported by cli and library.
 */
package io.spikelet.job.action;
