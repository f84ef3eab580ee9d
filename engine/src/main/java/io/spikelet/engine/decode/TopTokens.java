package io.spikelet.engine.decode;

/**
 * The most likely tokens of some positions, largest log-probability first and the lower id first among equals.
 *
 * @param count tokens per position; 0 if not requested
 * @param ids {@code (position, rank)}
 * @param logprobs {@code (position, rank)}, in nats
 */
@SuppressWarnings("ArrayRecordComponent") // results that are read once, never compared
public record TopTokens(int count, int[] ids, float[] logprobs) {
    /** Nothing was requested. */
    static final TopTokens NONE = new TopTokens(0, new int[0], new float[0]);
}
