/**
 * Perplexity protocols, multiple choice and comparison of models on top of the decoder, with exact sums. Imports
 * decode, model, token, telemetry and kernel.
 */
package io.spikelet.engine.score;
