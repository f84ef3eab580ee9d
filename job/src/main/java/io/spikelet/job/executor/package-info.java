/**
 * Shared by the tasks of one JVM: opened models and copies of remote models. Imports the engine.
 */
package io.spikelet.job.executor;
