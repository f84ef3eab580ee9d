/** The spike-aware decoder, its scoring, tokenizer and checkpoint conversion; knows nothing of Spark. */
package io.spikelet.engine;
