package io.spikelet.engine.score;

/**
 * One window to score, from a fresh state. Its result has no protocol, and always has token scores.
 *
 * @param tokenIds {@code [tokens]}: all but the last are the input
 * @param scoreFrom the first token that is scored, 1 to the last; the others follow
 */
@SuppressWarnings("ArrayRecordComponent") // on its way to the decoder, never compared
public record ScoringWindow(String rowId, int[] tokenIds, int scoreFrom) implements ScoringUnit {}
