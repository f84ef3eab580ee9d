/**
 * Spikelet inside another Spark application: {@link io.spikelet.job.library.Spikelet} takes Datasets and gives
 * Datasets, and registers SQL functions. Needs the job jar on the class path of driver and executors, JDK 25 and the JVM
 * flag {@code --add-modules jdk.incubator.vector} (without it the results are the same, but slower).
 *
 * <p>Without Spark the engine's jar is enough: see {@code io.spikelet.engine.decode.Generator} and {@code
 * io.spikelet.engine.score.TokenScorer}.
 */
package io.spikelet.job.library;
