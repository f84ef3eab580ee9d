package io.spikelet.engine.token;

import java.util.OptionalInt;

/** Converts text to token ids and back. Immutable and thread-safe. */
public interface Tokenizer {
    /** Number of pieces; ids are {@code 0 .. vocabSize() - 1}. */
    int vocabSize();

    int bosId();

    int eosId();

    int unknownId();

    /** Encodes without BOS or EOS; the empty text gives no ids. */
    int[] encode(String text);

    /**
     * A lower bound of the number of ids, computed from the length of the text, so that a text that is far too long can
     * be refused without encoding it. May be 0.
     */
    default long fewestTokens(String text) {
        return 0;
    }

    /** The ids of {@link #encode} with their positions in the text. */
    Encoding locate(String text);

    /**
     * Decodes {@code ids[from .. to)}; control ids give no text, and undecodable bytes become U+FFFD.
     *
     * @throws IndexOutOfBoundsException for an id outside the vocabulary
     */
    String decode(int[] ids, int from, int to);

    /** Decodes all of {@code ids}. */
    default String decode(int[] ids) {
        return decode(ids, 0, ids.length);
    }

    /**
     * The text of {@code ids} that later ids cannot change: {@link #decode(int[])} without trailing bytes that may
     * still become a character. Ids from {@link #vocabSize} on, which a model may have, have no text.
     */
    default String certainText(int[] ids) {
        StringBuilder text = new StringBuilder();
        append(ids, streamDecoder(), text);
        return text.toString();
    }

    /**
     * Decodes ids that follow others: the text to append to {@link #certainText} of {@code before}. It can differ from
     * {@link #decode(int[])}, because a text's first space may be dropped and a character may span both parts.
     */
    default String decodeAfter(int[] before, int[] ids) {
        StreamDecoder decoder = streamDecoderAfter(before);
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            decoder.append(id, text);
        }
        decoder.finish(text);
        return text.toString();
    }

    /** The id of a piece by its exact text, empty when there is none. */
    OptionalInt id(String piece);

    /** The text of one piece as it is in the vocabulary. */
    String piece(int id);

    /** A new decoder for ids that arrive one at a time. */
    StreamDecoder streamDecoder();

    /** A new decoder for ids that follow others, as {@link #decodeAfter} does. */
    default StreamDecoder streamDecoderAfter(int[] before) {
        StreamDecoder decoder = streamDecoder();
        append(before, decoder, new StringBuilder());
        return decoder;
    }

    private void append(int[] ids, StreamDecoder decoder, StringBuilder out) {
        for (int id : ids) {
            if (id < vocabSize()) {
                decoder.append(id, out);
            }
        }
    }

    /** Decodes ids one at a time, holding back bytes until their UTF-8 sequence is complete. Not thread-safe. */
    interface StreamDecoder {
        /**
         * The text that has become certain with this id. The concatenation of all results, including that of {@link
         * #finish()}, is the decoded text.
         */
        String next(int id);

        /** Appends the result of {@link #next} to {@code out}; allocates nothing else. */
        void append(int id, StringBuilder out);

        /** The bytes still held back, with undecodable bytes as U+FFFD. */
        String finish();

        /** Appends the result of {@link #finish()} to {@code out}. */
        void finish(StringBuilder out);
    }
}
