package io.spikelet.engine.token.sentencepiece;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** Writes small .model files with every option that the reader knows. */
public final class SyntheticModel {
    private final List<byte[]> pieces = new ArrayList<>();
    private final ByteArrayOutputStream trainer = new ByteArrayOutputStream();
    private final ByteArrayOutputStream normalizer = new ByteArrayOutputStream();

    /** A BPE model that holds only pad, BOS, EOS and unknown: ids 0 to 3. */
    public static SyntheticModel empty() {
        return new SyntheticModel()
                .trainer(3, 2)
                .piece("<pad>", 0, PieceKind.CONTROL)
                .piece("<s>", 0, PieceKind.CONTROL)
                .piece("</s>", 0, PieceKind.CONTROL)
                .piece("<unk>", 0, PieceKind.UNKNOWN);
    }

    /** The same with byte fallback: bytes are ids 4 to 259. */
    public static SyntheticModel withBytes() {
        SyntheticModel model = empty().trainer(35, 1);
        for (int b = 0; b < 256; b++) {
            model.piece("<0x%02X>".formatted(b), 0, PieceKind.BYTE);
        }
        return model;
    }

    SyntheticModel piece(String text, float score, PieceKind kind) {
        ByteArrayOutputStream piece = new ByteArrayOutputStream();
        field(piece, 1, text.getBytes(StandardCharsets.UTF_8));
        varint(piece, 2 << 3 | 5);
        piece.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(score)
                .array());
        field(piece, 3, kind.ordinal() + 1);
        pieces.add(piece.toByteArray());
        return this;
    }

    SyntheticModel trainer(int field, long value) {
        field(trainer, field, value);
        return this;
    }

    SyntheticModel trainer(int field, String value) {
        field(trainer, field, value.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    SyntheticModel charMap(byte[] blob) {
        field(normalizer, 2, blob);
        return this;
    }

    /** Whether a blank goes before the text, runs of blanks collapse, and blanks are escaped. */
    SyntheticModel whitespace(boolean addDummyPrefix, boolean removeExtra, boolean escape) {
        field(normalizer, 3, addDummyPrefix ? 1 : 0);
        field(normalizer, 4, removeExtra ? 1 : 0);
        field(normalizer, 5, escape ? 1 : 0);
        return this;
    }

    byte[] bytes() {
        ByteArrayOutputStream model = new ByteArrayOutputStream();
        pieces.forEach(piece -> field(model, 1, piece));
        field(model, 2, trainer.toByteArray());
        field(model, 3, normalizer.toByteArray());
        return model.toByteArray();
    }

    SentencePieceTokenizer tokenizer() {
        return SentencePieceTokenizer.parse(bytes());
    }

    public static void field(ByteArrayOutputStream out, int field, long value) {
        varint(out, (long) field << 3);
        varint(out, value);
    }

    public static void field(ByteArrayOutputStream out, int field, byte[] value) {
        varint(out, (long) field << 3 | 2);
        varint(out, value.length);
        out.writeBytes(value);
    }

    public static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    /** A character map in the format of the model file; each node of the trie gets a block of 256 units of its own. */
    public static byte[] charMap(SequencedMap<String, String> rules) {
        ByteArrayOutputStream replacements = new ByteArrayOutputStream();
        Node root = new Node();
        int nodes = 1;
        for (Map.Entry<String, String> rule : rules.entrySet()) {
            Node node = root;
            for (byte b : rule.getKey().getBytes(StandardCharsets.UTF_8)) {
                Node child = node.children.get(b & 0xFF);
                if (child == null) {
                    child = new Node();
                    node.children.put(b & 0xFF, child);
                    nodes++;
                }
                node = child;
            }
            node.value = replacements.size();
            replacements.writeBytes(rule.getValue().getBytes(StandardCharsets.UTF_8));
            replacements.write(0);
        }
        int[] units = new int[256 * (nodes + 1)];
        Arrays.fill(units, 1 << 31); // no label matches these
        root.place(units, 0, 0, new int[] {1});
        ByteBuffer blob = ByteBuffer.allocate(4 + 4 * units.length + replacements.size())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(4 * units.length);
        for (int unit : units) {
            blob.putInt(unit);
        }
        return blob.put(replacements.toByteArray()).array();
    }

    private static final class Node {
        private final Map<Integer, Node> children = new LinkedHashMap<>();
        private int value = -1;

        void place(int[] units, int at, int label, int[] nextBlock) {
            int block = 256 * nextBlock[0]++;
            units[at] = (at ^ block) << 10 | (value >= 0 ? 1 << 8 : 0) | label;
            if (value >= 0) {
                units[block] = 1 << 31 | value;
            }
            children.forEach((childLabel, child) -> child.place(units, block ^ childLabel, childLabel, nextBlock));
        }
    }
}
