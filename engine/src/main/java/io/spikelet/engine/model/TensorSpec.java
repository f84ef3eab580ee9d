package io.spikelet.engine.model;

import io.spikelet.engine.tensor.DType;
import io.spikelet.engine.tensor.Layout;
import java.util.List;

/**
 * One tensor that a model of a given configuration must have.
 *
 * @param name upstream state-dict key
 * @param shape logical shape; {@code [outputs, inputs]} for a matrix, empty for a scalar
 * @param layout how it is stored; it follows from the kind of input the matrix multiplies
 * @param role its role for code outside its family
 */
public record TensorSpec(String name, List<Integer> shape, Layout layout, Role role) {
    /** The role of a tensor for code that is independent of the family. */
    public enum Role {
        /** Read one row per token; it has its own option for precision. */
        EMBEDDING,
        /** Part of the blocks. */
        BODY,
        /** Between the last block and the logits: computed only where logits are wanted, for the ids that are. */
        HEAD,
        /** Stored, but not trained. */
        BUFFER
    }

    public TensorSpec {
        shape = List.copyOf(shape);
    }

    /** A matrix {@code [outputs, inputs]} of the blocks. */
    public static TensorSpec matrix(String name, int outputs, int inputs, Layout layout) {
        return new TensorSpec(name, List.of(outputs, inputs), layout, Role.BODY);
    }

    /** A vector of the blocks. */
    public static TensorSpec vector(String name, int length) {
        return new TensorSpec(name, List.of(length), Layout.VECTOR, Role.BODY);
    }

    /** This tensor with another role. */
    public TensorSpec as(Role other) {
        return new TensorSpec(name, shape, layout, other);
    }

    /** The layout for elements of a type; W8A8 has its own layout. */
    public Layout layout(DType dtype) {
        return dtype == DType.W8A8 ? Layout.QUAD_PANEL : layout;
    }

    /** Whether it is multiplied by continuous vectors, which W8A8 rounds. */
    public boolean hasContinuousInput() {
        return layout == Layout.PANEL;
    }

    /** Whether this is a matrix; everything else is a float32 vector or scalar. */
    public boolean isMatrix() {
        return layout != Layout.VECTOR;
    }
}
