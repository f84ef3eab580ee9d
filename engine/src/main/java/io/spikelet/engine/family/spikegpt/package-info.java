/**
 * SpikeGPT (arXiv 2302.13939): RWKV-4 time mixing and channel mixing whose outputs pass through leaky
 * integrate-and-fire neurons, with a state of fixed size. {@code Block} is the forward pass. May import the kernels and
 * tensors.
 */
package io.spikelet.engine.family.spikegpt;
