/**
 * Perplexity protocols, multiple choice and model comparison, based on the decoder and on exact sums. Imports decode,
 * model, token, telemetry and kernel.
 */
package io.spikelet.engine.score;
