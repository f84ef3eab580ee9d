package io.spikelet.engine.token.sentencepiece;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.token.Tokenizer;
import io.spikelet.engine.token.Utf8Test;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class StreamDecoderTest {
    private static final long SEED = 515_151;
    private static final int FIRST_BYTE = 4;

    static Stream<SentencePieceTokenizer> tokenizers() {
        return Stream.of(
                pieces(SyntheticModel.withBytes().whitespace(true, false, true)),
                pieces(SyntheticModel.withBytes().whitespace(true, true, true)),
                pieces(SyntheticModel.withBytes().whitespace(false, false, true)));
    }

    private static SentencePieceTokenizer pieces(SyntheticModel model) {
        return model.piece("\u2581", -1, PieceKind.NORMAL)
                .piece("\u2581\u2581a", -2, PieceKind.NORMAL)
                .piece("\u2581the", -3, PieceKind.NORMAL)
                .piece("\uD83D\uDE00", -4, PieceKind.NORMAL)
                .piece("<|\u2581user|>", 0, PieceKind.USER_DEFINED)
                .tokenizer();
    }

    @ParameterizedTest
    @MethodSource("tokenizers")
    void theTextsOfAllIdsMakeTheDecodedText(SentencePieceTokenizer tokenizer) {
        Random random = new Random(SEED);
        for (int i = 0; i < 20_000; i++) {
            int[] ids = ids(random, tokenizer.vocabSize());
            Tokenizer.StreamDecoder decoder = tokenizer.streamDecoder();
            StringBuilder text = new StringBuilder();
            for (int id : ids) {
                text.append(decoder.next(id));
            }
            text.append(decoder.finish());

            assertThat(text.toString()).as("seed %d sequence %d", SEED, i).isEqualTo(tokenizer.decode(ids));
            assertThat(tokenizer.decode(ids)).as("seed %d sequence %d", SEED, i).isEqualTo(plainDecode(tokenizer, ids));
        }
    }

    @ParameterizedTest
    @MethodSource("tokenizers")
    void idsThatFollowOthersAddWhatTheWholeTextHasMore(SentencePieceTokenizer tokenizer) {
        Random random = new Random(SEED);
        for (int i = 0; i < 20_000; i++) {
            int[] ids = ids(random, tokenizer.vocabSize());
            int border = random.nextInt(ids.length + 1);
            int[] before = Arrays.copyOf(ids, border);
            int[] after = Arrays.copyOfRange(ids, border, ids.length);

            assertThat(tokenizer.certainText(before) + tokenizer.decodeAfter(before, after))
                    .as("seed %d sequence %d", SEED, i)
                    .isEqualTo(tokenizer.decode(ids));
        }
    }

    @Test
    void aCharacterOnTheBorderBelongsToTheIdsThatCompleteIt() {
        SentencePieceTokenizer tokenizer = tokenizers().findFirst().orElseThrow();
        int the = tokenizer.id("\u2581the").orElseThrow();
        int[] before = {1, the, FIRST_BYTE + 0xE4, FIRST_BYTE + 0xBD};

        assertThat(tokenizer.certainText(before)).isEqualTo("the");
        assertThat(tokenizer.decodeAfter(before, new int[] {FIRST_BYTE + 0xA0, the}))
                .isEqualTo("\u4F60 the");
        assertThat(tokenizer.decodeAfter(before, new int[] {the})).isEqualTo("\uFFFD\uFFFD the");
        assertThat(tokenizer.decodeAfter(new int[] {1}, new int[] {the})).isEqualTo("the");
        assertThat(tokenizer.decodeAfter(new int[] {1, tokenizer.vocabSize()}, new int[] {the}))
                .as("a model may have more ids")
                .isEqualTo("the");
    }

    /** Mostly bytes that belong to some character, broken now and then, with other pieces between. */
    private static int[] ids(Random random, int vocabSize) {
        List<Integer> ids = new ArrayList<>();
        for (int i = random.nextInt(6); i >= 0; i--) {
            switch (random.nextInt(4)) {
                case 0 -> ids.add(random.nextInt(FIRST_BYTE));
                case 1 -> ids.add(FIRST_BYTE + 256 + random.nextInt(vocabSize - FIRST_BYTE - 256));
                case 2 -> ids.add(FIRST_BYTE + random.nextInt(256));
                default -> {
                    byte[] bytes = Character.toString(new int[] {0x41, 0xE9, 0x4F60, 0x1F600}[random.nextInt(4)])
                            .getBytes(StandardCharsets.UTF_8);
                    int kept = random.nextInt(4) == 0 ? 1 + random.nextInt(bytes.length) : bytes.length;
                    for (int b = 0; b < kept; b++) {
                        ids.add(FIRST_BYTE + (bytes[b] & 0xFF));
                    }
                }
            }
        }
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The rules of SentencePiece once more, over the whole sequence and with the JDK's strict UTF-8 decoder. */
    private static String plainDecode(SentencePieceTokenizer tokenizer, int[] ids) {
        boolean removesAll = tokenizer.encode("  ").length == 0;
        boolean removesOne = !removesAll && tokenizer.encode(" ").length == 2;
        boolean dropped = false;
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < ids.length; i++) {
            int end = i;
            while (end < ids.length && ids[end] >= FIRST_BYTE && ids[end] < FIRST_BYTE + 256) {
                end++;
            }
            if (end > i) {
                byte[] bytes = new byte[end - i];
                for (int b = 0; b < bytes.length; b++) {
                    bytes[b] = (byte) (ids[i + b] - FIRST_BYTE);
                }
                text.append(plainUtf8(bytes));
                i = end - 1;
            } else if (ids[i] == tokenizer.unknownId()) {
                text.append(" \u2047 ");
                dropped = true;
            } else if (ids[i] >= FIRST_BYTE) {
                String piece = tokenizer.piece(ids[i]);
                if (text.isEmpty() && !dropped && (removesOne || removesAll) && piece.startsWith("\u2581")) {
                    piece = piece.substring(1);
                    dropped = removesOne;
                }
                text.append(piece.replace('\u2581', ' '));
            }
        }
        return text.toString();
    }

    private static String plainUtf8(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < bytes.length; ) {
            int length = Math.min(4, bytes.length - at);
            while (length > 0 && !Utf8Test.isOneCharacter(bytes, at, length)) {
                length--;
            }
            text.append(length == 0 ? "\uFFFD" : new String(bytes, at, length, StandardCharsets.UTF_8));
            at += Math.max(1, length);
        }
        return text.toString();
    }

    @Test
    void textAppearsAsSoonAsItIsCertain() {
        SentencePieceTokenizer tokenizer = tokenizers().findFirst().orElseThrow();
        Tokenizer.StreamDecoder decoder = tokenizer.streamDecoder();

        assertThat(decoder.next(1)).isEmpty();
        assertThat(decoder.next(FIRST_BYTE + 0xE4)).isEmpty();
        assertThat(decoder.next(FIRST_BYTE + 0xBD)).isEmpty();
        assertThat(decoder.next(FIRST_BYTE + 0xA0)).isEqualTo("\u4F60");
        assertThat(decoder.next(FIRST_BYTE + 0xF0)).isEmpty();
        assertThat(decoder.next(FIRST_BYTE + 'A')).isEqualTo("\uFFFDA");
        assertThat(decoder.next(FIRST_BYTE + 0xE4)).isEmpty();
        assertThat(decoder.next(FIRST_BYTE + 0xBD)).isEmpty();
        assertThat(decoder.next(1)).isEqualTo("\uFFFD\uFFFD");
        assertThat(decoder.next(tokenizer.id("\u2581the").orElseThrow())).isEqualTo(" the");
        assertThat(decoder.next(FIRST_BYTE + 0xC3)).isEmpty();
        assertThat(decoder.finish()).isEqualTo("\uFFFD");
        assertThatThrownBy(() -> decoder.next(1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void refusesIdsOutsideTheVocabulary() {
        SentencePieceTokenizer tokenizer = tokenizers().findFirst().orElseThrow();

        for (int id : new int[] {-1, tokenizer.vocabSize(), Integer.MAX_VALUE}) {
            assertThatThrownBy(() -> tokenizer.streamDecoder().next(id)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }
}
