/**
 * Checkpoints to model directories, and synthetic models: readers of torch archives and safetensors, quantisation, the
 * writer of weights, and {@link io.spikelet.engine.convert.CheckpointMapping}, what a family says about its
 * checkpoints. Imports model, token and tensor.
 */
package io.spikelet.engine.convert;
