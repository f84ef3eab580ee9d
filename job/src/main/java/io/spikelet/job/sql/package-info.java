/**
 * Aggregates over the tables, and queries. Imports schema and the engine.
 */
package io.spikelet.job.sql;
