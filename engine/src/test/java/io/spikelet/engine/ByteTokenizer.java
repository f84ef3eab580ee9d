package io.spikelet.engine;

import io.spikelet.engine.token.Encoding;
import io.spikelet.engine.token.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * A complete tokenizer without merges for the golden models, which have none: ids as in the released ones, with one piece
 * per byte (20 to 275) and {@code <|endofassistant|>} at 19.
 */
public class ByteTokenizer implements Tokenizer {
    public static final int ASSISTANT_STOP = 19;

    private static final String ASSISTANT_STOP_PIECE = "<|endofassistant|>";
    private static final int FIRST_BYTE = 20;

    private final int vocabSize;

    public ByteTokenizer() {
        this(FIRST_BYTE + 256);
    }

    /** With ids behind the bytes that stand for nothing. */
    public ByteTokenizer(int vocabSize) {
        this.vocabSize = vocabSize;
    }

    @Override
    public int vocabSize() {
        return vocabSize;
    }

    @Override
    public int bosId() {
        return 1;
    }

    @Override
    public int eosId() {
        return 2;
    }

    @Override
    public int unknownId() {
        return 3;
    }

    @Override
    public int[] encode(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return IntStream.range(0, bytes.length)
                .map(i -> FIRST_BYTE + (bytes[i] & 0xff))
                .toArray();
    }

    @Override
    public Encoding locate(String text) {
        int[] ids = encode(text);
        return new Encoding(ids, IntStream.rangeClosed(0, ids.length).toArray());
    }

    @Override
    public String decode(int[] ids, int from, int to) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = from; i < to; i++) {
            bytes.writeBytes(bytes(ids[i]));
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private byte[] bytes(int id) {
        if (id < 0 || id >= vocabSize()) {
            throw new IndexOutOfBoundsException("id " + id + " is outside the vocabulary");
        }
        if (id >= FIRST_BYTE && id < FIRST_BYTE + 256) {
            return new byte[] {(byte) (id - FIRST_BYTE)};
        }
        return id == ASSISTANT_STOP ? ASSISTANT_STOP_PIECE.getBytes(StandardCharsets.UTF_8) : new byte[0];
    }

    @Override
    public OptionalInt id(String piece) {
        return piece.equals(ASSISTANT_STOP_PIECE) ? OptionalInt.of(ASSISTANT_STOP) : OptionalInt.empty();
    }

    @Override
    public String piece(int id) {
        return id == ASSISTANT_STOP ? ASSISTANT_STOP_PIECE : "<" + id + ">";
    }

    @Override
    public StreamDecoder streamDecoder() {
        return new StreamDecoder() {
            private final ByteArrayOutputStream held = new ByteArrayOutputStream();

            @Override
            public String next(int id) {
                StringBuilder out = new StringBuilder();
                append(id, out);
                return out.toString();
            }

            @Override
            public void append(int id, StringBuilder out) {
                held.writeBytes(bytes(id));
                String text = held.toString(StandardCharsets.UTF_8);
                if (!text.endsWith("\ufffd")) { // else a character may be on its way
                    finish(out);
                }
            }

            @Override
            public String finish() {
                StringBuilder out = new StringBuilder();
                finish(out);
                return out.toString();
            }

            @Override
            public void finish(StringBuilder out) {
                out.append(held.toString(StandardCharsets.UTF_8));
                held.reset();
            }
        };
    }
}
