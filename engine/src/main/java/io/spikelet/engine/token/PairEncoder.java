package io.spikelet.engine.token;

import java.util.Arrays;

/**
 * Splits the ids of a text into context and continuation, as lm-evaluation-harness does: white space at the end of the
 * context belongs to the continuation; both are encoded as one text; the continuation starts after as many ids as the
 * context has alone.
 *
 * <p>If the continuation would then have no id to score, because the last piece of the context merges with it, the
 * split is at the first difference between the two encodings, so that the merged piece is scored. A continuation has no
 * ids only if it adds none to the text.
 *
 * <p>Immutable and thread-safe.
 */
public final class PairEncoder {
    private static final char NEXT_LINE = 0x85;

    private final Tokenizer tokenizer;
    private final int prefixId;
    private final PrefixRule rule;

    /** When the prefix id is put before a context. */
    public enum PrefixRule {
        /** Only before an empty context, which is the harness's default. */
        EMPTY_CONTEXT,
        /** Before every context. */
        EVERY_CONTEXT
    }

    /**
     * The ids of the two parts.
     *
     * @param context at least one id
     */
    @SuppressWarnings("ArrayRecordComponent") // ids for a model, never compared
    public record Pair(int[] context, int[] continuation) {}

    /**
     * Creates an encoder with BOS as the prefix.
     *
     * @throws IllegalArgumentException if the tokenizer has none
     */
    public PairEncoder(Tokenizer tokenizer, PrefixRule rule) {
        if (tokenizer.bosId() < 0) {
            throw new IllegalArgumentException("an empty context stands for BOS and the tokenizer has none");
        }
        this.tokenizer = tokenizer;
        this.prefixId = tokenizer.bosId();
        this.rule = rule;
    }

    /** Encodes a context, which may be empty, and its continuation. */
    public Pair encode(String context, String continuation) {
        int end = strippedLength(context);
        Pair pair = end == 0
                ? new Pair(new int[0], tokenizer.encode(context + continuation))
                : cut(tokenizer.encode(context.substring(0, end)), tokenizer.encode(context + continuation));
        boolean isPrefixed = rule == PrefixRule.EVERY_CONTEXT || pair.context().length == 0;
        return isPrefixed ? new Pair(prefixed(pair.context()), pair.continuation()) : pair;
    }

    /**
     * The ids at the beginning of every context that begins with a text, unless the last piece of the text merges with
     * what follows. White space at the end of the text is left out.
     */
    public int[] beginning(String text) {
        int end = strippedLength(text);
        int[] ids = end == 0 ? new int[0] : tokenizer.encode(text.substring(0, end));
        return ids.length > 0 && rule == PrefixRule.EVERY_CONTEXT ? prefixed(ids) : ids;
    }

    private static Pair cut(int[] context, int[] whole) {
        if (whole.length > context.length) {
            return new Pair(context, Arrays.copyOfRange(whole, context.length, whole.length));
        }
        int mismatch = Arrays.mismatch(context, whole);
        int border = mismatch < 0 ? whole.length : mismatch;
        return new Pair(Arrays.copyOf(whole, border), Arrays.copyOfRange(whole, border, whole.length));
    }

    private int[] prefixed(int[] ids) {
        int[] prefixed = new int[ids.length + 1];
        prefixed[0] = prefixId;
        System.arraycopy(ids, 0, prefixed, 1, ids.length);
        return prefixed;
    }

    /** The length without the characters that Python's {@code str.rstrip} removes. */
    private static int strippedLength(String text) {
        int end = text.length();
        while (end > 0 && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return end;
    }

    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == NEXT_LINE;
    }
}
