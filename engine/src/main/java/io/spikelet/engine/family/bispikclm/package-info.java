/**
 * BiSpikCLM (arXiv 2605.13859): a causal language model whose neurons emit only 0 or 1, with softmax-free attention over bits
 * and several time steps for each token. {@code Block} is the forward pass. May import the kernels and tensors.
 */
package io.spikelet.engine.family.bispikclm;
