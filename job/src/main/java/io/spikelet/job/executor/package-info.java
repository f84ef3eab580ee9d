/**
 * What tasks of one JVM share: the opened models and the copies of remote ones. Imports the engine.
 */
package io.spikelet.job.executor;
