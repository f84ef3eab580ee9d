/**
 * The tables of a run as one page of HTML, with its charts, that needs nothing from anywhere else. Imports schema.
 */
package io.spikelet.job.report;
