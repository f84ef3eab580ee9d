package io.spikelet.engine.family.symboliclight;

/**
 * The learned affine parameters of a layer norm.
 *
 * @param weight {@code [width]}
 * @param bias {@code [width]}
 */
record LayerNorm(float[] weight, float[] bias) {}
