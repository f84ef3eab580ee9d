package io.spikelet.engine.token;

import java.util.OptionalInt;

/** Text to token ids and back. Immutable and thread-safe. */
public interface Tokenizer {
    /** Number of pieces; ids are {@code 0 .. vocabSize() - 1}. */
    int vocabSize();

    int bosId();

    int eosId();

    int unknownId();

    /** Encodes without BOS or EOS; the empty text gives no ids. */
    int[] encode(String text);

    /** The same ids with their places in the text. */
    Encoding locate(String text);

    /**
     * Decodes {@code ids[from .. to)}; control ids vanish, undecodable bytes become U+FFFD.
     *
     * @throws IndexOutOfBoundsException for an id outside the vocabulary
     */
    String decode(int[] ids, int from, int to);

    /** Decodes all of {@code ids}. */
    default String decode(int[] ids) {
        return decode(ids, 0, ids.length);
    }

    /** The id of a piece by its exact text, empty when there is none. */
    OptionalInt id(String piece);

    /** The text of one piece as the vocabulary spells it. */
    String piece(int id);

    /** A new decoder for ids that arrive one at a time. */
    StreamDecoder streamDecoder();

    /** Decodes ids one at a time, holding back bytes until their UTF-8 sequence is complete. Not thread-safe. */
    interface StreamDecoder {
        /** The text that has become certain with this id; the concatenation of all, with {@link #finish()}, is decode. */
        String next(int id);

        /** {@link #next} to the end of {@code out}; allocates nothing else. */
        void append(int id, StringBuilder out);

        /** What is still held back, with undecodable bytes as U+FFFD. */
        String finish();

        /** {@link #finish()} to the end of {@code out}. */
        void finish(StringBuilder out);
    }
}
