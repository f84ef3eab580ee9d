package io.spikelet.engine.token.bytelevel;

import io.spikelet.engine.token.Encoding;
import io.spikelet.engine.token.SpecialTokens;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.engine.token.TokenizerFormatException;
import io.spikelet.engine.token.Utf8;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;

/**
 * GPT-2's byte-level BPE. It gives the same ids and texts as the {@code tokenizers} library for the same files.
 * Immutable and thread-safe.
 *
 * <p>The text is cut into {@link Pieces}; the UTF-8 bytes of each piece are merged separately. There is no unknown
 * text, and no space is put before the text. If the files specify it, the text is first normalised to NFC, and added
 * tokens are found before the rest is cut. The names of special tokens in a text are ordinary characters, except in
 * {@link #encodeWithSpecialTokens}. An unpaired surrogate is encoded as U+FFFD.
 *
 * <p>Unless the model specifies others, BOS and EOS are both {@code </s>}, as in OPT.
 */
public final class ByteLevelTokenizer implements Tokenizer {
    private static final String END = "</s>";
    private static final String UNKNOWN = "<unk>";
    private static final int CACHED_PIECES = 1 << 15;
    private static final int CACHED_CHARACTERS = 32;

    /**
     * NFC shortens the UTF-8 of a text at most to a third: three conjoining jamo become one syllable, a Kelvin sign
     * becomes a K.
     */
    private static final int MOST_COMPOSED = 3;

    private final ByteLevelVocabulary vocabulary;
    private final int bosId;
    private final int eosId;
    private final int unknownId;
    private final Map<String, int[]> cache = new ConcurrentHashMap<>(); // bounded: words recur, long pieces do not

    private ByteLevelTokenizer(ByteLevelVocabulary vocabulary, SpecialTokens special) {
        this.vocabulary = vocabulary;
        this.bosId = special.bos() >= 0 ? special.bos() : vocabulary.id(END);
        this.eosId = special.eos() >= 0 ? special.eos() : vocabulary.id(END);
        this.unknownId = special.unknown() >= 0 ? special.unknown() : vocabulary.id(UNKNOWN);
        for (int id : new int[] {bosId, eosId, unknownId}) {
            if (id >= vocabulary.size()) {
                throw new TokenizerFormatException("the model's special token " + id + " is not in the vocabulary of "
                        + vocabulary.size() + " tokens");
            }
        }
    }

    /**
     * Reads the bytes of {@code vocab.json} and {@code merges.txt}.
     *
     * @param special ids that the model's configuration names
     * @throws TokenizerFormatException if they are damaged or do not match
     */
    public static ByteLevelTokenizer parse(byte[] vocabulary, byte[] merges, SpecialTokens special) {
        return new ByteLevelTokenizer(VocabularyFiles.read(vocabulary, merges), special);
    }

    /**
     * Reads the bytes of {@code tokenizer.json}.
     *
     * @param special ids that the model's configuration names
     * @throws TokenizerFormatException if it is damaged or requires a feature that this tokenizer does not support
     */
    public static ByteLevelTokenizer parse(byte[] tokenizer, SpecialTokens special) {
        return new ByteLevelTokenizer(VocabularyFiles.read(tokenizer), special);
    }

    @Override
    public int vocabSize() {
        return vocabulary.size();
    }

    /** The id from the model's configuration, else the id of {@code </s>}; -1 if there is none. */
    @Override
    public int bosId() {
        return bosId;
    }

    /** The id from the model's configuration, else the id of {@code </s>}; -1 if there is none. */
    @Override
    public int eosId() {
        return eosId;
    }

    /** The id of {@code <unk>}, -1 if there is none; no text encodes to it. */
    @Override
    public int unknownId() {
        return unknownId;
    }

    @Override
    public int[] encode(String text) {
        String mended = Utf8.wellFormed(text);
        return ids(vocabulary.composes() ? Normalizer.normalize(mended, Normalizer.Form.NFC) : mended)
                .toArray();
    }

    /** Every byte of a text belongs to one token, so the longest token gives a bound. */
    @Override
    public long fewestTokens(String text) {
        int shrinks = vocabulary.composes() ? MOST_COMPOSED : 1;
        return Math.ceilDiv(Utf8.length(text), (long) vocabulary.longest() * shrinks);
    }

    /** Encodes a text in which the names of special tokens are encoded as these tokens. */
    public int[] encodeWithSpecialTokens(String text) {
        List<String> names = vocabulary.specialTokens();
        TokenIds ids = new TokenIds();
        int begin = 0;
        for (int at = 0; at < text.length(); ) {
            String name = nameAt(text, at, names);
            if (name == null) {
                at++;
                continue;
            }
            ids.addAll(encode(text.substring(begin, at)));
            ids.addAll(new int[] {vocabulary.id(name)});
            at += name.length();
            begin = at;
        }
        ids.addAll(encode(text.substring(begin)));
        return ids.toArray();
    }

    private static String nameAt(String text, int at, List<String> names) {
        for (String name : names) {
            if (text.startsWith(name, at)) {
                return name;
            }
        }
        return null;
    }

    @Override
    public Encoding locate(String text) {
        NormalForm form = NormalForm.of(Utf8.wellFormed(text), vocabulary.composes());
        int[] ids = ids(form.text()).toArray();
        int[] edges = new int[ids.length + 1];
        for (int i = 0; i < ids.length; i++) {
            edges[i + 1] = edges[i] + vocabulary.bytes(ids[i]).length;
        }
        return new Encoding(ids, form.origins(edges));
    }

    private TokenIds ids(String normal) {
        PieceMerger merger = new PieceMerger(vocabulary);
        TokenIds ids = new TokenIds();
        List<String> added = vocabulary.addedTexts();
        int begin = 0;
        for (int at = 0; at < normal.length() && !added.isEmpty(); ) {
            String token = nameAt(normal, at, added);
            if (token == null) {
                at++;
                continue;
            }
            addPieces(normal.substring(begin, at), merger, ids);
            ids.addAll(new int[] {vocabulary.id(token)});
            at += token.length();
            begin = at;
        }
        addPieces(begin == 0 ? normal : normal.substring(begin), merger, ids);
        return ids;
    }

    private void addPieces(String text, PieceMerger merger, TokenIds ids) {
        Pieces pieces = new Pieces(text);
        int begin = 0;
        for (int end = pieces.next(); end >= 0; end = pieces.next()) {
            ids.addAll(pieceIds(text.substring(begin, end), merger));
            begin = end;
        }
    }

    private int[] pieceIds(String piece, PieceMerger merger) {
        int[] known = cache.get(piece);
        if (known != null) {
            return known;
        }
        byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
        int[] ids = merger.merge(bytes, 0, bytes.length);
        if (piece.length() <= CACHED_CHARACTERS && cache.size() < CACHED_PIECES) {
            cache.put(piece, ids);
        }
        return ids;
    }

    @Override
    public String decode(int[] ids, int from, int to) {
        return decode(ids, from, to, true);
    }

    /** Decodes all of {@code ids}, with special tokens as their names. */
    public String decodeWithSpecialTokens(int[] ids) {
        return decode(ids, 0, ids.length, false);
    }

    private String decode(int[] ids, int from, int to, boolean skipsSpecial) {
        Objects.checkFromToIndex(from, to, ids.length);
        ByteLevelDecoder decoder = new ByteLevelDecoder(vocabulary, skipsSpecial);
        StringBuilder out = new StringBuilder();
        for (int i = from; i < to; i++) {
            decoder.append(ids[i], out);
        }
        decoder.finish(out);
        return out.toString();
    }

    @Override
    public OptionalInt id(String piece) {
        int id = vocabulary.id(piece);
        return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
    }

    @Override
    public String piece(int id) {
        return vocabulary.token(id);
    }

    @Override
    public StreamDecoder streamDecoder() {
        return new ByteLevelDecoder(vocabulary, true);
    }

    /** A growing array of ids. */
    private static final class TokenIds {
        private int[] ids = new int[64];
        private int count;

        void addAll(int[] more) {
            if (count + more.length > ids.length) {
                ids = Arrays.copyOf(ids, Math.max(2 * ids.length, Math.addExact(count, more.length)));
            }
            System.arraycopy(more, 0, ids, count, more.length);
            count += more.length;
        }

        int[] toArray() {
            return Arrays.copyOf(ids, count);
        }
    }
}
