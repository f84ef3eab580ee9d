package io.spikelet.engine.token;

/**
 * The tokens of a text and their positions in it. Spans are adjacent and cover the text: text that normalization drops
 * belongs to the token before it, or to the first one, and a character that is split into several tokens belongs to the
 * last of them.
 *
 * @param ids {@code [tokens]}
 * @param edges {@code [tokens + 1]}: token i covers the bytes {@code [edges[i], edges[i + 1])} of the text's UTF-8, in
 *     which an unpaired surrogate is U+FFFD
 */
@SuppressWarnings("ArrayRecordComponent") // results that are read once, never compared
public record Encoding(int[] ids, int[] edges) {}
