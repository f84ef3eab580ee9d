package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.kernel.BinaryKernels;
import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.tensor.FloatMatrix;
import io.spikelet.engine.tensor.Int8Matrix;
import io.spikelet.engine.tensor.Matrix;
import io.spikelet.engine.tensor.W8A8Matrix;
import java.util.Arrays;

/**
 * A linear layer and the LayerNorm before it, if there is one. The norm's weight is folded into the weights, so for
 * integer inputs {@code s} the output is {@code inverse * (sum of s[i] * w'[:, i] - mean * codeSums) + constants}.
 * Source: the specification of the INT8 arithmetic, sections 2 to 4.
 */
final class Linear {
    private final Matrix weights;
    private final Matrix codes; // the same with scales of 1: its products are unscaled sums
    private final float[] scales; // (output); 1 for float32 weights
    private final float[] codeSums; // (output): row sums; null without a LayerNorm
    private final float[] constants; // (output): from the LayerNorm's bias and the linear layer's; null for none

    Linear(Matrix weights, float[] codeSums, float[] constants) {
        this.weights = weights;
        this.codeSums = codeSums;
        this.constants = constants;
        switch (weights) {
            case Int8Matrix w -> {
                this.codes = new Int8Matrix(w.data(), ones(w.outputs()), w.outputs(), w.inputs(), w.layout());
                this.scales = w.scales();
            }
            case FloatMatrix w -> {
                this.codes = w;
                this.scales = ones(w.outputs());
            }
            case W8A8Matrix w -> throw w.unsuited();
        }
    }

    private static float[] ones(int n) {
        float[] ones = new float[n];
        Arrays.fill(ones, 1f);
        return ones;
    }

    int outputs() {
        return weights.outputs();
    }

    Matrix weights() {
        return weights;
    }

    float[] constants() {
        return constants;
    }

    Matrix codes() {
        return codes;
    }

    /** Computes the charges {@code charges (row, outputs)} of every row of the input. */
    void charge(Kernels kernels, LinearInput input, int rows, float[] charges) {
        int outputs = weights.outputs();
        BinaryKernels binary = kernels.binary();
        if (input.kind() == StreamKind.FLOAT) {
            kernels.multiply(weights, input.packed(), outputs, charges, outputs);
            for (int row = 0; row < rows && constants != null; row++) {
                binary.add(constants, 0, outputs, charges, row * outputs);
            }
            return;
        }
        kernels.accumulate(codes, input.lists(), charges, outputs);
        for (int row = 0; row < rows; row++) {
            finish(binary, charges, row * outputs, outputs, input.normed(), input.mean[row], input.inverse[row]);
        }
    }

    /** Turns sums into charges, for the first {@code length} outputs. */
    void finish(BinaryKernels binary, float[] sums, int offset, int length, boolean normed, float mean, float inverse) {
        if (normed) {
            binary.chargeNormed(sums, offset, length, mean, inverse, scales, codeSums, constants);
        } else {
            binary.charge(sums, offset, length, scales, constants);
        }
    }
}
