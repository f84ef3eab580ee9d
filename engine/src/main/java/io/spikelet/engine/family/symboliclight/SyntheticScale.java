package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.convert.RandomCodes;

/**
 * The statistics of synthetic weights, chosen so that about one unit in ten fires everywhere, as in trained models.
 *
 * <p>A normalised vector is close to standard normal, and a standard normal value exceeds 1.2816 with probability 0.1.
 * Block outputs therefore have norm weight {@code 1 / 1.2816}, and the feed-forward's pre-activations that standard
 * deviation. The encoder's membrane has no closed form: its pair of norm weight and bias was found by simulating the
 * leaky neuron on independent tokens.
 */
final class SyntheticScale {
    /** Standard deviation at which a zero-mean normal value exceeds the threshold 1 with probability 0.1. */
    private static final double TENTH = 1 / 1.2815515655446004;

    private static final double ENCODER_WEIGHT = 0.3;
    private static final double ENCODER_BIAS = 0.13;

    /** Share of the residual stream's deviation that the temporal path and the feed-forward contribute. */
    private static final double TEMPORAL_SHARE = 1;

    private static final double FEED_FORWARD_SHARE = 0.9;
    private static final double FIRING_RATE = 0.1;

    /** Root mean square of GELU over a standard normal variable. */
    private static final double GELU_DEVIATION = 0.65;

    private static final double LOGIT_DEVIATION = 2;
    private static final float PRIOR_WEIGHT = 0.1f;
    private static final float NORM_JITTER = 0.05f;

    private SyntheticScale() {}

    /** Standard deviation of the elements of a matrix. */
    static double matrixDeviation(String name, SymbolicLightConfig config) {
        double width = config.embedDim();
        String matrix = name.replaceFirst("^blocks\\.\\d+\\.", "");
        return switch (matrix) {
            case "tcam.tcam_proj.weight" -> 1 / Math.sqrt(FIRING_RATE * width);
            case "tcam.sparse_attn.q_proj.weight",
                    "tcam.sparse_attn.k_proj.weight",
                    "tcam.sparse_attn.v_proj.weight",
                    "output_head.prior_net.0.weight" -> 1 / (TENTH * Math.sqrt(width));
            case "tcam.out_proj.weight" -> TEMPORAL_SHARE / Math.sqrt(width);
            case "ffn.up.weight" -> TENTH / Math.sqrt(width);
            case "ffn.down.weight" -> FEED_FORWARD_SHARE / Math.sqrt(FIRING_RATE * config.intermediateDim());
            case "output_head.output_proj.weight" -> LOGIT_DEVIATION / (TENTH * Math.sqrt(width));
            case "output_head.prior_net.2.weight" -> 1 / (GELU_DEVIATION * Math.sqrt(config.priorDim()));
            default -> 1; // the embedding, whose scale the norm after it removes
        };
    }

    /** Element {@code index} of a vector of the given length. */
    static float vectorElement(String name, int index, int length, SymbolicLightConfig config, RandomCodes random) {
        String vector = name.replaceFirst("^blocks\\.\\d+\\.", "");
        float jitter = 1 + NORM_JITTER * random.uniform(index);
        return switch (vector) {
            case "spike_encoder.norm.weight" -> (float) ENCODER_WEIGHT * jitter;
            case "spike_encoder.norm.bias" -> (float) ENCODER_BIAS * jitter;
            case "tcam.norm.weight" -> jitter;
            case "ffn.norm.weight" -> (float) TENTH * jitter;
            // Half-lives from less than a token to a dozen.
            case "tcam.decay_raw" -> length == 1 ? 1 : -1 + 4f * index / (length - 1);
            case "tcam.sparse_attn.rope.inv_freq" ->
                (float) StrictMath.pow(config.ropeTheta(), -2.0 * index / config.headDim());
            case "output_head.prior_weight" -> PRIOR_WEIGHT;
            default -> 0; // norm biases, attention gates, static prior
        };
    }
}
