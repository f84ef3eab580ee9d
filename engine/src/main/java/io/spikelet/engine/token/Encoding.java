package io.spikelet.engine.token;

/**
 * The tokens of a text and where they stand in it. Spans lie side by side and cover the text: what normalization drops
 * belongs to the token before it, or to the first one, and of the tokens that one character became the last has it.
 *
 * @param ids {@code [tokens]}
 * @param edges {@code [tokens + 1]}: token i stands for the bytes {@code [edges[i], edges[i + 1])} of the text's UTF-8, in
 *     which a surrogate without its partner is U+FFFD
 */
@SuppressWarnings("ArrayRecordComponent") // results that are read once, never compared
public record Encoding(int[] ids, int[] edges) {}
