package io.spikelet.engine.score;

/**
 * One window to score, from a fresh state. Its result has no protocol, and always has token scores.
 *
 * @param tokenIds {@code [tokens]}: all but the last are the input
 * @param scoreFrom index of the first token that is scored, from 1 to that of the last token; all later tokens are
 *     scored too
 */
@SuppressWarnings("ArrayRecordComponent") // input of the decoder, never compared
public record ScoringWindow(String rowId, int[] tokenIds, int scoreFrom) implements ScoringUnit {}
