/** Aggregates over the tables, and questions to them. */
package io.spikelet.job.sql;
