package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.convert.RandomCodes;
import io.spikelet.engine.convert.RowElements;
import java.nio.ByteBuffer;

/**
 * The statistics of synthetic weights for the reproduction's switches. They were chosen by measurement so that neurons
 * fire at about the rates of trained models: queries, keys, values and hidden units near 0.1, the input of a block near
 * 0.2.
 */
final class SyntheticWeights {
    /** Standard deviation of the sum of the two embeddings, before {@code input_scale}. */
    private static final double EMBEDDING = 0.02;

    private static final double QKV = 0.42;
    private static final double OUT = 1.1;
    private static final double FC1 = 0.42;
    private static final double FC2 = 1.3;
    private static final double LOGIT_DEVIATION = 2;

    /** Shares of active inputs, for linear layers without a LayerNorm before them. */
    private static final double CONTEXT_RATE = 0.3;

    private static final double HIDDEN_RATE = 0.1;

    private SyntheticWeights() {}

    /** Standard deviation of the elements of a matrix. */
    static double matrixDeviation(String name, BispikclmConfig config) {
        double width = config.width();
        String matrix = name.replaceFirst("^model\\.layers\\.\\d+\\.", "");
        return switch (matrix) {
            case "attention.q_proj.weight", "attention.k_proj.weight", "attention.v_proj.weight" ->
                QKV / Math.sqrt(width);
            case "attention.out_proj.weight" -> OUT / Math.sqrt(CONTEXT_RATE * width) / 2;
            case "mlp.fc1.weight" -> FC1 / Math.sqrt(width);
            case "mlp.fc2.weight" -> FC2 / Math.sqrt(HIDDEN_RATE * config.hidden()) / 2;
            case "head.weight" -> LOGIT_DEVIATION / Math.sqrt(width);
            default -> EMBEDDING;
        };
    }

    /** An element of a vector, from a uniform number in [-1, 1). */
    static float vectorElement(String name, float uniform) {
        return name.endsWith(".bias") || name.endsWith(".const") ? 0.05f * uniform : 0;
    }

    /** Position embeddings, uniform, smaller than the tokens'. */
    static RowElements floats(RandomCodes random) {
        return (output, from, count, block, at, step) -> {
            ByteBuffer codes = ByteBuffer.allocate(count);
            random.fill(output, from, count, codes, 0, 1);
            for (int i = 0; i < count; i++) {
                block.putFloat((at + i * step) * Float.BYTES, (float)
                        (0.3 * EMBEDDING / RandomCodes.DEVIATION * codes.get(i)));
            }
        };
    }
}
