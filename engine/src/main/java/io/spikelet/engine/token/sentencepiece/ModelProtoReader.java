package io.spikelet.engine.token.sentencepiece;

import io.spikelet.engine.token.TokenizerFormatException;
import io.spikelet.engine.token.sentencepiece.ModelProto.NormalizerSpec;
import io.spikelet.engine.token.sentencepiece.ModelProto.Piece;
import io.spikelet.engine.token.sentencepiece.ModelProto.TrainerSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a SentencePiece .model file (a protobuf message). Fields that do not affect encoding or decoding are skipped;
 * unsupported fields that would change the result are refused.
 */
final class ModelProtoReader {
    static final int MAX_PIECES = 1 << 20;
    private static final int MAX_TEXT_BYTES = 4096;
    private static final int BPE = 2;

    private final List<Piece> pieces = new ArrayList<>();
    // The defaults of the protobuf schema; of a repeated field the last value counts.
    private int modelType = 1;
    private boolean byteFallback;
    private boolean whitespaceAsSuffix;
    private String unknownSurface = " \u2047 ";
    private String bosPiece = "<s>";
    private String eosPiece = "</s>";
    private byte[] charMap = {};
    private boolean addDummyPrefix = true;
    private boolean removeExtraWhitespaces = true;
    private boolean escapeWhitespaces = true;

    private ModelProtoReader() {}

    static ModelProto read(byte[] bytes) {
        return new ModelProtoReader().readModel(new WireReader("the model", bytes));
    }

    private ModelProto readModel(WireReader in) {
        while (in.next()) {
            switch (in.field()) {
                case 1 -> pieces.add(readPiece(in));
                case 2 -> readTrainer(in.readMessage("the trainer spec"));
                case 3 -> readNormalizer(in.readMessage("the normalizer spec"));
                case 5 -> refuseDenormalizer(in.readMessage("the denormalizer spec"));
                default -> in.skip();
            }
        }
        if (pieces.isEmpty()) {
            throw in.malformed("has no pieces");
        }
        if (modelType != BPE) {
            throw new TokenizerFormatException("tokenizer model type is " + modelType
                    + "; only BPE (2) is supported: use the tokenizer.model that was released with the checkpoint");
        }
        return new ModelProto(
                pieces,
                new TrainerSpec(byteFallback, whitespaceAsSuffix, unknownSurface, bosPiece, eosPiece),
                new NormalizerSpec(charMap, addDummyPrefix, removeExtraWhitespaces, escapeWhitespaces));
    }

    private Piece readPiece(WireReader model) {
        if (pieces.size() == MAX_PIECES) {
            throw model.malformed("has more than " + MAX_PIECES + " pieces");
        }
        WireReader in = model.readMessage("piece " + pieces.size());
        String text = "";
        float score = 0;
        int kind = 1;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> text = in.readText(MAX_TEXT_BYTES);
                case 2 -> score = in.readFloat();
                case 3 -> kind = in.readEnum();
                default -> in.skip();
            }
        }
        if (text.isEmpty()) {
            throw in.malformed("has no text");
        }
        if (Float.isNaN(score)) {
            throw in.malformed("has NaN for a score");
        }
        if (kind < 1 || kind > PieceKind.values().length) {
            throw in.malformed("is of the unknown kind " + kind);
        }
        return new Piece(text, score, PieceKind.values()[kind - 1]);
    }

    private void readTrainer(WireReader in) {
        while (in.next()) {
            switch (in.field()) {
                case 3 -> modelType = in.readEnum();
                case 24 -> whitespaceAsSuffix = in.readBool();
                case 35 -> byteFallback = in.readBool();
                case 44 -> unknownSurface = in.readText(MAX_TEXT_BYTES);
                case 46 -> bosPiece = in.readText(MAX_TEXT_BYTES);
                case 47 -> eosPiece = in.readText(MAX_TEXT_BYTES);
                default -> in.skip();
            }
        }
    }

    private void readNormalizer(WireReader in) {
        while (in.next()) {
            switch (in.field()) {
                case 2 -> charMap = in.readBytes();
                case 3 -> addDummyPrefix = in.readBool();
                case 4 -> removeExtraWhitespaces = in.readBool();
                case 5 -> escapeWhitespaces = in.readBool();
                default -> in.skip();
            }
        }
    }

    private static void refuseDenormalizer(WireReader in) {
        while (in.next()) {
            if (in.field() == 2 && in.readBytes().length > 0) {
                throw new TokenizerFormatException("tokenizer model has a denormalizer character map, which is not"
                        + " supported: use the tokenizer.model that was released with the checkpoint");
            } else if (in.field() != 2) {
                in.skip();
            }
        }
    }
}
