package io.spikelet.engine.token.sentencepiece;

import io.spikelet.engine.token.TokenizerFormatException;
import io.spikelet.engine.token.Utf8;
import io.spikelet.engine.token.sentencepiece.ModelProto.Piece;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The pieces of a model: spelling, kind, merge order, and decoded text. Immutable and thread-safe. */
final class Vocabulary {
    /** Represents a blank inside pieces. */
    static final String SPACE = "\u2581";

    private static final int BYTES = 256;
    private static final int MAX_SYMBOL_BYTES = 256; // they are compared with every position of a text

    private final String[] pieces;
    private final String[] surfaces; // pieces with blanks for SPACE
    private final PieceKind[] kinds;
    private final int[] ranks; // 0 merges first, equal scores have equal ranks; -1 for pieces that no merge produces
    private final int[] byteIds; // [256], empty without byte fallback
    private final int[] byteValues; // by id, -1 for other kinds
    private final int unknownId;
    private final boolean hasUnused;
    private final boolean wordwise;
    private final PieceTable table;
    private final SymbolMatcher symbols;

    /** @param added texts of pieces after those of the model; text is never encoded with them */
    Vocabulary(ModelProto model, List<String> added) {
        List<Piece> all = model.pieces();
        pieces = Stream.concat(all.stream().map(Piece::text), added.stream()).toArray(String[]::new);
        surfaces = Stream.concat(all.stream().map(p -> p.text().replace(SPACE, " ")), added.stream())
                .toArray(String[]::new);
        kinds = Stream.concat(all.stream().map(Piece::kind), added.stream().map(text -> PieceKind.NORMAL))
                .toArray(PieceKind[]::new);
        byte[][] spellings =
                all.stream().map(p -> p.text().getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
        table = new PieceTable(spellings);
        symbols = new SymbolMatcher(symbols(spellings));
        ranks = ranks(all);
        unknownId = soleUnknown();
        byteValues = byteValues(model.trainer().byteFallback());
        byteIds = model.trainer().byteFallback() ? byteIds() : new int[0];
        hasUnused = all.stream().anyMatch(p -> p.kind() == PieceKind.UNUSED);
        wordwise = !hasUnused
                && all.stream().noneMatch(p -> p.kind().mergeable() && p.text().lastIndexOf(SPACE) > 0);
    }

    private byte[][] symbols(byte[][] spellings) {
        int[] symbolIds = IntStream.range(0, kinds.length)
                .filter(id -> kinds[id] == PieceKind.USER_DEFINED)
                .toArray();
        for (int id : symbolIds) {
            if (spellings[id].length > MAX_SYMBOL_BYTES) {
                throw malformed("has a user-defined symbol of " + spellings[id].length + " bytes at id " + id
                        + "; the limit is " + MAX_SYMBOL_BYTES);
            }
        }
        return Arrays.stream(symbolIds).mapToObj(id -> spellings[id]).toArray(byte[][]::new);
    }

    private static int[] ranks(List<Piece> all) {
        // adding 0 turns -0 into 0, since both are the same score
        double[] descending = all.stream()
                .filter(p -> p.kind().mergeable())
                .mapToDouble(p -> -p.score() + 0.0)
                .distinct()
                .sorted()
                .toArray();
        return all.stream()
                .mapToInt(p -> p.kind().mergeable() ? Arrays.binarySearch(descending, -p.score() + 0.0) : -1)
                .toArray();
    }

    private int soleUnknown() {
        int[] unknown = IntStream.range(0, kinds.length)
                .filter(id -> kinds[id] == PieceKind.UNKNOWN)
                .toArray();
        if (unknown.length != 1) {
            throw malformed("has " + unknown.length + " unknown pieces; there must be 1");
        }
        return unknown[0];
    }

    private int[] byteValues(boolean byteFallback) {
        int[] values = new int[kinds.length];
        for (int id = 0; id < values.length; id++) {
            values[id] = kinds[id] == PieceKind.BYTE ? byteValue(pieces[id]) : -1;
            if (kinds[id] == PieceKind.BYTE && (values[id] < 0 || !byteFallback)) {
                throw malformed("has the byte piece \"" + pieces[id] + "\" at id " + id
                        + (byteFallback ? "; bytes are <0x00> to <0xFF>" : " although its byte fallback is off"));
            }
        }
        return values;
    }

    private static int byteValue(String piece) {
        boolean wellFormed = piece.matches("<0x[0-9A-F]{2}>");
        return wellFormed ? Integer.parseInt(piece, 3, 5, 16) : -1;
    }

    private int[] byteIds() {
        int[] ids = new int[BYTES];
        Arrays.fill(ids, -1);
        for (int id = 0; id < byteValues.length; id++) {
            if (byteValues[id] >= 0) {
                ids[byteValues[id]] = id;
            }
        }
        long missing = Arrays.stream(ids).filter(id -> id < 0).count();
        if (missing > 0) {
            throw malformed("lacks " + missing + " of the 256 byte pieces although its byte fallback is on");
        }
        return ids;
    }

    private static TokenizerFormatException malformed(String what) {
        return new TokenizerFormatException(
                "tokenizer model is damaged: it " + what + "; copy the .model file again from its source");
    }

    int size() {
        return pieces.length;
    }

    int unknownId() {
        return unknownId;
    }

    /** The piece as the model spells it. */
    String piece(int id) {
        return pieces[checked(id)];
    }

    /** The decoded text of the piece. */
    String surface(int id) {
        return surfaces[id];
    }

    PieceKind kind(int id) {
        return kinds[checked(id)];
    }

    /** Merge order of a piece, lower first; -1 if no merge produces it. */
    int rank(int id) {
        return ranks[id];
    }

    boolean byteFallback() {
        return byteIds.length > 0;
    }

    int byteId(byte value) {
        return byteIds[value & 0xFF];
    }

    /** The byte that a piece of kind BYTE represents. */
    byte byteOf(int id) {
        return (byte) byteValues[id];
    }

    /** The id of a control piece by its text, -1 if there is none. */
    int controlId(String piece) {
        OptionalInt id = id(piece);
        return id.isPresent() && kinds[id.getAsInt()] == PieceKind.CONTROL ? id.getAsInt() : -1;
    }

    OptionalInt id(String piece) {
        byte[] bytes = Utf8.encode(piece);
        int id = table.find(PieceTable.hash(bytes, 0, bytes.length), bytes, 0, bytes.length);
        return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
    }

    PieceTable table() {
        return table;
    }

    SymbolMatcher symbols() {
        return symbols;
    }

    /** Whether some pieces take part in merges and are never emitted whole. */
    boolean hasUnused() {
        return hasUnused;
    }

    /** Whether no merge crosses the start of a SPACE and none depends on merges elsewhere in the text. */
    boolean wordwise() {
        return wordwise;
    }

    private int checked(int id) {
        if (id < 0 || id >= pieces.length) {
            throw new IndexOutOfBoundsException(
                    "token id " + id + " is outside the tokenizer's vocabulary; ids are 0 to " + (pieces.length - 1));
        }
        return id;
    }
}
