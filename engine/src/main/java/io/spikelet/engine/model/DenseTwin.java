package io.spikelet.engine.model;

import java.util.List;

/**
 * The dense transformer of a model's shape, as products that can be timed alongside the model.
 *
 * @param matrices by which a token of the transformer is multiplied, in the order of the forward pass
 * @param steps time steps of the spiking model: how often its token passes all matrices except those of the head
 */
public record DenseTwin(List<TensorSpec> matrices, int steps) {
    public DenseTwin {
        matrices = List.copyOf(matrices);
    }
}
