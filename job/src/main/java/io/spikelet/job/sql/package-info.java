/**
 * Aggregates over the tables, and questions to them. Imports schema and the engine.
 */
package io.spikelet.job.sql;
