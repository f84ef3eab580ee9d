package io.spikelet.engine.token.sentencepiece;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.token.TokenizerFormatException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Random;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class MalformedModelTest {
    private static final long SEED = 65_537;

    static Stream<Arguments> malformed() {
        return Stream.of(
                Arguments.of("no pieces", new byte[0]),
                Arguments.of("wire type 7", raw(out -> SyntheticModel.varint(out, 9 << 3 | 7))),
                Arguments.of("impossible field tag", raw(out -> SyntheticModel.varint(out, 0))),
                Arguments.of("more than 10 bytes", raw(out -> out.writeBytes(filled(12, 0xFF)))),
                Arguments.of("announces 9223372036854775807 bytes", raw(out -> {
                    SyntheticModel.varint(out, 1 << 3 | 2);
                    SyntheticModel.varint(out, Long.MAX_VALUE);
                })),
                Arguments.of("announces 18446744073709551615 bytes", raw(out -> {
                    SyntheticModel.varint(out, 1 << 3 | 2);
                    SyntheticModel.varint(out, -1);
                })),
                Arguments.of("instead of 2", raw(out -> SyntheticModel.field(out, 1, 5))),
                Arguments.of("piece 0 has no text", piece("")),
                Arguments.of("not UTF-8", raw(out -> SyntheticModel.field(out, 1, new byte[] {10, 1, (byte) 0xFF}))),
                Arguments.of("limit is 4096", piece("a".repeat(4097))),
                Arguments.of(
                        "piece 4 has NaN",
                        SyntheticModel.empty()
                                .piece("a", Float.NaN, PieceKind.NORMAL)
                                .bytes()),
                Arguments.of(
                        "unknown kind 9", raw(out -> SyntheticModel.field(out, 1, new byte[] {10, 1, 'a', 24, 9}))),
                Arguments.of("type is 1", SyntheticModel.empty().trainer(3, 1).bytes()),
                Arguments.of(
                        "0 unknown pieces",
                        new SyntheticModel()
                                .trainer(3, 2)
                                .piece("a", 0, PieceKind.NORMAL)
                                .bytes()),
                Arguments.of(
                        "2 unknown pieces",
                        SyntheticModel.empty()
                                .piece("<unk2>", 0, PieceKind.UNKNOWN)
                                .bytes()),
                Arguments.of(
                        "pieces 4 and 5 have the same text",
                        SyntheticModel.empty()
                                .piece("a", 0, PieceKind.NORMAL)
                                .piece("a", -1, PieceKind.UNUSED)
                                .bytes()),
                Arguments.of(
                        "lacks 256 of the 256 byte pieces",
                        SyntheticModel.empty().trainer(35, 1).bytes()),
                Arguments.of(
                        "although its byte fallback is off",
                        SyntheticModel.empty()
                                .piece("<0x41>", 0, PieceKind.BYTE)
                                .bytes()),
                Arguments.of(
                        "<0x00> to <0xFF>",
                        SyntheticModel.withBytes()
                                .piece("<0x4g>", 0, PieceKind.BYTE)
                                .bytes()),
                Arguments.of("shorter than its header", charMap(new byte[] {1, 2})),
                Arguments.of("trie of 4294967295 bytes", charMap(filled(40, 0xFF))),
                Arguments.of("trie of 0 bytes", charMap(new byte[40])),
                Arguments.of("ends inside a replacement", charMap(new byte[] {4, 0, 0, 0, 0, 0, 0, 0, 'a'})),
                Arguments.of(
                        "points to replacement byte 5 of 1", charMap(new byte[] {4, 0, 0, 0, 5, 0, 0, (byte) 0x80, 0})),
                Arguments.of("denormalizer", raw(out -> {
                    out.writeBytes(SyntheticModel.withBytes().bytes());
                    SyntheticModel.field(out, 5, new byte[] {18, 1, 'x'});
                })));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void saysWhatIsWrong(String message, byte[] model) {
        assertThatThrownBy(() -> SentencePieceTokenizer.parse(model))
                .isInstanceOf(TokenizerFormatException.class)
                .hasMessageContaining(message)
                .hasMessageStartingWith("tokenizer model");
    }

    @Test
    void namesTheFile(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("broken.model");
        Files.write(file, new byte[] {1, 2, 3});

        assertThatThrownBy(() -> SentencePieceTokenizer.load(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("broken.model");
        assertThatThrownBy(() -> SentencePieceTokenizer.load(folder.resolve("absent.model")))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void refusesAFileThatIsTooLargeToBeATokenizer(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("weights.bin");
        Files.write(file, new byte[(64 << 20) + 1]);

        assertThatThrownBy(() -> SentencePieceTokenizer.load(file))
                .isInstanceOf(TokenizerFormatException.class)
                .hasMessageContaining("larger than the limit");
    }

    @Test
    void aModelCutOffAnywhereIsRefusedOrWhole() throws IOException {
        byte[] model = Files.readAllBytes(TinyTokenizer.FILE);
        Random random = new Random(SEED);
        int refused = 0;
        for (int i = 0; i < 400; i++) {
            refused += tolerates(Arrays.copyOf(model, random.nextInt(model.length))) ? 0 : 1;
        }
        assertThat(refused).isEqualTo(400); // the options come last in the file
    }

    @Test
    void damagedModelsNeverFailInAnyOtherWay() {
        SequencedMap<String, String> rules = new LinkedHashMap<>();
        rules.put("ab", "c");
        rules.put("\t", " ");
        rules.put("\u00E9", "e");
        byte[] model = SyntheticModel.withBytes()
                .piece("ab", -1, PieceKind.NORMAL)
                .piece("abc", -2, PieceKind.UNUSED)
                .piece("<|x|>", 0, PieceKind.USER_DEFINED)
                .charMap(SyntheticModel.charMap(rules))
                .bytes();
        Random random = new Random(SEED);
        int refused = 0;
        for (int i = 0; i < 3000; i++) {
            byte[] damaged = model.clone();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            refused += tolerates(damaged) ? 0 : 1;
        }
        assertThat(refused).isPositive().isLessThan(3000);
    }

    /** Whether the model is accepted, in which case it must work; anything but a format exception fails the test. */
    private static boolean tolerates(byte[] model) {
        SentencePieceTokenizer tokenizer;
        try {
            tokenizer = SentencePieceTokenizer.parse(model);
        } catch (TokenizerFormatException e) {
            return false;
        }
        assertThat(tokenizer.decode(tokenizer.encode("abc abcab\t<|x|>\u00E9 \u4F60")))
                .isNotNull();
        return true;
    }

    private static byte[] piece(String text) {
        return new SyntheticModel().piece(text, 0, PieceKind.NORMAL).bytes();
    }

    private static byte[] charMap(byte[] blob) {
        return SyntheticModel.withBytes().charMap(blob).bytes();
    }

    private static byte[] raw(Consumer<ByteArrayOutputStream> writer) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        writer.accept(out);
        return out.toByteArray();
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
