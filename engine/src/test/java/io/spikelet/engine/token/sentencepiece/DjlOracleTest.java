package io.spikelet.engine.token.sentencepiece;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import ai.djl.sentencepiece.SpTokenizer;
import io.spikelet.engine.token.RandomText;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The same ids as the C++ library, on texts and models that the golden files do not hold. */
final class DjlOracleTest {
    private static final long SEED = 20240917;

    @ParameterizedTest
    @EnumSource
    void encodesRandomTextsAsTheReleasedTokenizersDo(GoldenTokenizer golden) throws IOException {
        compare(Files.readAllBytes(golden.modelFile()), 34_000);
    }

    @Test
    void encodesRandomTextsAsTheTinyTokenizerDoes() throws IOException {
        compare(Files.readAllBytes(TinyTokenizer.FILE), 34_000);
    }

    @Tag("cluster")
    @Test
    void encodesMoreRandomTextsAsTheTinyTokenizerDoes() throws IOException {
        compare(Files.readAllBytes(TinyTokenizer.FILE), 100_000, SEED + 10);
    }

    @ParameterizedTest
    @MethodSource("variants")
    void encodesRandomTextsWithEveryOption(String name, SyntheticModel model) {
        compare(model.bytes(), 2000);
    }

    static Stream<Arguments> variants() {
        return Stream.of(
                Arguments.of("bytes", alphabet(SyntheticModel.withBytes(), SEED, false)),
                Arguments.of("no bytes", alphabet(SyntheticModel.empty(), SEED + 1, false)),
                Arguments.of("unused pieces", alphabet(SyntheticModel.withBytes(), SEED + 2, true)),
                Arguments.of("unused pieces, no bytes", alphabet(SyntheticModel.empty(), SEED + 3, true)),
                Arguments.of(
                        "nothing added, nothing removed",
                        alphabet(SyntheticModel.withBytes(), SEED + 4, false).whitespace(false, false, true)),
                Arguments.of(
                        "extra whitespace kept",
                        alphabet(SyntheticModel.withBytes(), SEED + 5, false).whitespace(true, false, true)),
                Arguments.of(
                        "blanks not escaped",
                        alphabet(SyntheticModel.withBytes(), SEED + 6, false).whitespace(true, true, false)),
                Arguments.of(
                        "whitespace as suffix",
                        alphabet(SyntheticModel.withBytes(), SEED + 7, false).trainer(24, 1)),
                Arguments.of(
                        "character map",
                        alphabet(SyntheticModel.withBytes(), SEED + 8, true).charMap(SyntheticModel.charMap(rules()))),
                Arguments.of(
                        "character map, extra whitespace kept",
                        alphabet(SyntheticModel.withBytes(), SEED + 9, false)
                                .charMap(SyntheticModel.charMap(rules()))
                                .whitespace(true, false, true)));
    }

    private static SequencedMap<String, String> rules() {
        SequencedMap<String, String> rules = new LinkedHashMap<>();
        rules.put("\t", " ");
        rules.put("\n", " ");
        rules.put("\u3000", " ");
        rules.put("\u2581", " ");
        rules.put("\u200B", "");
        rules.put("\uFB01", "fi");
        rules.put("e\u0301", "\u00E9");
        rules.put("\uFDFA", " a  b ");
        rules.put("a", "a");
        rules.put("ab", "b");
        rules.put("aba", "c c");
        rules.put("\uFF21", "<|user|>");
        return rules;
    }

    /** Random pieces over few letters, so that merges compete; with equal scores, and blanks inside pieces. */
    private static SyntheticModel alphabet(SyntheticModel model, long seed, boolean unused) {
        Random random = new Random(seed);
        Map<String, PieceKind> pieces = new LinkedHashMap<>();
        String letters = "abcdefgh\u2581\u2581\u00E9\u4F60";
        for (int i = 0; i < 400; i++) {
            StringBuilder piece = new StringBuilder();
            int length = 1 + random.nextInt(1 + i / 80);
            for (int j = 0; j < length; j++) {
                piece.append(letters.charAt(random.nextInt(letters.length())));
            }
            boolean normal = piece.length() == 1 || !unused || random.nextInt(3) > 0;
            pieces.putIfAbsent(piece.toString(), normal ? PieceKind.NORMAL : PieceKind.UNUSED);
        }
        List<String> symbols = List.of("<|user|>", "<|", "<|us", "a b", "gg", "ggh", "\u2581h");
        symbols.forEach(symbol -> pieces.put(symbol, PieceKind.USER_DEFINED));
        pieces.forEach((piece, kind) -> model.piece(piece, -random.nextInt(60), kind));
        return model;
    }

    private static void compare(byte[] model, int texts) {
        compare(model, texts, SEED);
    }

    private static void compare(byte[] model, int texts, long seed) {
        SentencePieceTokenizer tokenizer = SentencePieceTokenizer.parse(model);
        RandomText random = new RandomText(seed);
        Random shape = new Random(seed);
        try (SpTokenizer oracle = oracle(model)) {
            for (int i = 0; i < texts; i++) {
                String text = i % 2 == 0 ? random.next(shape.nextInt(60)) : fewLetters(shape);
                int[] expected = oracle.getProcessor().encode(text);
                assertThat(tokenizer.encode(text))
                        .as("seed %d text %d %s", seed, i, text)
                        .isEqualTo(expected);
                int[] ids =
                        shape.ints(shape.nextInt(12), 0, tokenizer.vocabSize()).toArray();
                String decoded = tokenizer.decode(ids);
                if (survivesJni(decoded)) {
                    assertThat(decoded)
                            .as("seed %d ids %d", seed, i)
                            .isEqualTo(oracle.getProcessor().decode(ids));
                }
            }
        }
    }

    /** Long enough for several windows, with words of thousands of letters. */
    @Test
    void encodesLongTextsAsTheTinyTokenizerDoes() throws IOException {
        byte[] model = Files.readAllBytes(TinyTokenizer.FILE);
        SentencePieceTokenizer tokenizer = SentencePieceTokenizer.parse(model);
        Random random = new Random(SEED);
        try (SpTokenizer oracle = oracle(model)) {
            for (int i = 0; i < 12; i++) {
                StringBuilder text = new StringBuilder();
                while (text.length() < 200_000) {
                    text.append(i % 3 == 0 ? "lordthe" : Integer.toString(random.nextInt(), 36));
                    text.append(i % 4 == 3 && random.nextInt(9) == 0 ? " " : "");
                }
                assertThat(tokenizer.encode(text.toString()))
                        .as("seed %d text %d", SEED, i)
                        .isEqualTo(oracle.getProcessor().encode(text.toString()));
            }
        }
    }

    /** The library hands strings back as modified UTF-8, which garbles these. */
    private static boolean survivesJni(String text) {
        return text.chars().noneMatch(c -> c == 0 || Character.isSurrogate((char) c));
    }

    private static String fewLetters(Random random) {
        String letters = "abcdefgh  \u00E9\u4F60x\t<|\uFF21";
        List<String> parts = new ArrayList<>();
        for (int i = random.nextInt(80); i > 0; i--) {
            parts.add(String.valueOf(letters.charAt(random.nextInt(letters.length()))));
        }
        return String.join("", parts);
    }

    @SuppressWarnings("MustBeClosedChecker")
    private static SpTokenizer oracle(byte[] model) {
        try {
            return new SpTokenizer(model);
        } catch (UnsatisfiedLinkError | IllegalStateException | ExceptionInInitializerError | NoClassDefFoundError e) {
            return abort("skipped: the native SentencePiece library cannot be loaded here: " + e);
        }
    }
}
