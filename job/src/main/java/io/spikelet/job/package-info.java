/** The commands and the Spark application. */
package io.spikelet.job;
