package io.spikelet.engine.score;

/**
 * The measures of every scored token of a unit, in the order of the tokens; all arrays are {@code [scored tokens]},
 * or empty where it says so.
 *
 * @param positions index of the token in the document, without a prefix; in a window, in its tokens
 * @param nlls nats, not weighted
 * @param weights weights of the tokens in the protocol
 * @param ranks 1 for the largest logit; of equal logits the lower id comes first; empty unless requested
 * @param entropies nats, of the distribution that the token was drawn from; empty unless requested
 * @param begins first byte of the token in the text's UTF-8, as in {@link io.spikelet.engine.token.Encoding}; empty for a
 *     window
 * @param ends byte after the last byte of the token; empty for a window
 */
@SuppressWarnings("ArrayRecordComponent") // results that are read once, never compared
public record TokenScores(
        int[] positions,
        int[] tokenIds,
        double[] nlls,
        double[] weights,
        int[] ranks,
        double[] entropies,
        int[] begins,
        int[] ends) {}
