package io.spikelet.engine.model;

import io.spikelet.engine.tensor.DType;

/**
 * The number format of a model's matrices and of their inputs. It is part of the model directory, because results
 * depend on it.
 */
public enum Scheme {
    /** INT8 weights, float32 inputs. */
    W8A32("w8a32", DType.INT8),
    /** INT8 weights, and INT8 inputs where these are continuous. */
    W8A8("w8a8", DType.W8A8),
    /** Nothing is rounded. */
    FP32("fp32", DType.FLOAT32);

    private final String label;
    private final DType weights;

    Scheme(String label, DType weights) {
        this.label = label;
        this.weights = weights;
    }

    /** The name on the command line and in the record of a run. */
    public String label() {
        return label;
    }

    /** Stored type of the matrices with continuous inputs. */
    public DType weights() {
        return weights;
    }

    /** The scheme of a model. */
    public static Scheme of(ModelManifest manifest) {
        if (manifest.tensors().stream().anyMatch(entry -> entry.dtype() == DType.W8A8)) {
            return W8A8;
        }
        return manifest.tensors().stream().anyMatch(TensorEntry::quantized) ? W8A32 : FP32;
    }

    /**
     * @throws IllegalArgumentException if the models of a family do not support this scheme
     */
    public void requirePossible(FamilyConfig config) {
        if (this == W8A8 && !config.roundsInputs()) {
            throw new IllegalArgumentException("a " + config.family().architecture()
                    + " model has no scheme w8a8: nearly all of its products are sums of integers already; use w8a32");
        }
    }
}
