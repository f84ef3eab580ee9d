/** The spike-aware decoder, with scoring, tokenizers and checkpoint conversion; independent of Spark. */
package io.spikelet.engine;
