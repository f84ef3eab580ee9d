package io.spikelet.engine.token.sentencepiece;

import io.spikelet.engine.token.Encoding;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.engine.token.TokenizerFormatException;
import io.spikelet.engine.token.Utf8;
import io.spikelet.engine.token.sentencepiece.ModelProto.NormalizerSpec;
import io.spikelet.engine.token.sentencepiece.PieceDecoder.LeadingSpace;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * A SentencePiece BPE tokenizer in plain Java. It gives the same ids and texts as SentencePiece 0.1.97 for the same
 * .model file. Immutable and thread-safe.
 *
 * <p>User-defined symbols in a text are matched literally, the longest first, and never merged with adjacent symbols;
 * the texts of control pieces are ordinary characters. Characters that are not in the vocabulary become byte pieces. A
 * Java string may contain an unpaired surrogate, which UTF-8 cannot represent; it is encoded as U+FFFD.
 */
public final class SentencePieceTokenizer implements Tokenizer {
    private static final int MAX_MODEL_BYTES = 64 << 20;

    private final Vocabulary vocabulary;
    private final Normalizer normalizer;
    private final String unknownSurface;
    private final LeadingSpace leadingSpace;
    private final int bosId;
    private final int eosId;

    private SentencePieceTokenizer(ModelProto model, List<String> added) {
        NormalizerSpec spec = model.normalizer();
        vocabulary = new Vocabulary(model, added);
        normalizer = new Normalizer(spec, model.trainer().whitespaceAsSuffix(), vocabulary.symbols());
        unknownSurface = model.trainer().unknownSurface();
        leadingSpace = spec.removeExtraWhitespaces()
                ? LeadingSpace.ALL_DROPPED
                : spec.addDummyPrefix() ? LeadingSpace.FIRST_DROPPED : LeadingSpace.KEPT;
        bosId = vocabulary.controlId(model.trainer().bosPiece());
        eosId = vocabulary.controlId(model.trainer().eosPiece());
    }

    /**
     * Reads a .model file of at most 64 MiB.
     *
     * @throws IOException if the file cannot be read
     * @throws TokenizerFormatException if it is damaged or not a BPE model
     */
    public static SentencePieceTokenizer load(Path modelFile) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(modelFile)) {
            bytes = in.readNBytes(MAX_MODEL_BYTES + 1);
        }
        try {
            return parse(bytes);
        } catch (TokenizerFormatException e) {
            throw new TokenizerFormatException(modelFile + ": " + e.getMessage(), e);
        }
    }

    /**
     * Reads the bytes of a .model file.
     *
     * @throws TokenizerFormatException if they are damaged or not a BPE model
     */
    public static SentencePieceTokenizer parse(byte[] bytes) {
        return new SentencePieceTokenizer(model(bytes), List.of());
    }

    /**
     * Reads the bytes of a .model file, and the pieces that a {@code tokenizer_config.json} adds to it.
     *
     * @throws TokenizerFormatException if they are damaged or not a BPE model
     */
    public static SentencePieceTokenizer parse(byte[] bytes, byte[] config) {
        ModelProto model = model(bytes);
        return new SentencePieceTokenizer(
                model, AddedPieces.of(config, model.pieces().size()));
    }

    private static ModelProto model(byte[] bytes) {
        if (bytes.length > MAX_MODEL_BYTES) {
            throw new TokenizerFormatException("tokenizer model is larger than the limit of " + MAX_MODEL_BYTES
                    + " bytes; is this the tokenizer.model of the checkpoint?");
        }
        return ModelProtoReader.read(bytes);
    }

    @Override
    public int vocabSize() {
        return vocabulary.size();
    }

    /** The id of the BOS control piece, -1 if the model has none. */
    @Override
    public int bosId() {
        return bosId;
    }

    /** The id of the EOS control piece, -1 if the model has none. */
    @Override
    public int eosId() {
        return eosId;
    }

    @Override
    public int unknownId() {
        return vocabulary.unknownId();
    }

    @Override
    public int[] encode(String text) {
        return new BytePairMerger(vocabulary, normalizer.normalize(Utf8.encode(text), false), false).ids();
    }

    /**
     * If normalization removes no characters except blanks, the bytes of a text without its blanks, divided by the
     * length of the longest piece.
     */
    @Override
    public long fewestTokens(String text) {
        if (!normalizer.keepsCharacters() || !vocabulary.byteFallback()) {
            return 0;
        }
        int longest = vocabulary.table().longest();
        return (Utf8.length(text, ' ') + longest - 1) / longest;
    }

    @Override
    public Encoding locate(String text) {
        byte[] bytes = Utf8.encode(text);
        return new BytePairMerger(vocabulary, normalizer.normalize(bytes, true), true).encoding(bytes.length);
    }

    @Override
    public String decode(int[] ids, int from, int to) {
        Objects.checkFromToIndex(from, to, ids.length);
        PieceDecoder decoder = newDecoder();
        StringBuilder out = new StringBuilder();
        for (int i = from; i < to; i++) {
            decoder.append(ids[i], out);
        }
        decoder.finish(out);
        return out.toString();
    }

    @Override
    public OptionalInt id(String piece) {
        return vocabulary.id(piece);
    }

    @Override
    public String piece(int id) {
        return vocabulary.piece(id);
    }

    @Override
    public StreamDecoder streamDecoder() {
        return newDecoder();
    }

    private PieceDecoder newDecoder() {
        return new PieceDecoder(vocabulary, unknownSurface, leadingSpace);
    }
}
