package io.spikelet.engine.score;

/**
 * What was measured of every scored token of a document, in the order of the tokens; all arrays are {@code [scored
 * tokens]}.
 *
 * @param positions index of the token in the document, without BOS
 * @param nlls nats
 * @param ranks 1 for the largest logit; of equal logits the lower id comes first
 * @param entropies nats, of the distribution that the token was drawn from
 */
@SuppressWarnings("ArrayRecordComponent") // results that are read once, never compared
public record TokenScores(int[] positions, int[] tokenIds, double[] nlls, int[] ranks, double[] entropies) {}
