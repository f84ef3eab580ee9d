/** What tasks of one JVM share: the opened models. */
package io.spikelet.job.executor;
