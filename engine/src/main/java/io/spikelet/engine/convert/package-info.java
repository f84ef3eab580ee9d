/**
 * Converts checkpoints to model directories and writes synthetic models: readers of torch archives and safetensors,
 * quantisation, the writer of weights, and {@link io.spikelet.engine.convert.CheckpointMapping}, which describes the
 * checkpoints of a family. Imports model, token and tensor.
 */
package io.spikelet.engine.convert;
