package io.spikelet.engine.token.sentencepiece;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.spikelet.engine.token.BosPolicy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class SentencePieceTokenizerGoldenTest {
    @ParameterizedTest
    @EnumSource
    void readsTheSpecialIdsOfTheModel(GoldenTokenizer golden) throws IOException {
        SentencePieceTokenizer tokenizer = golden.tokenizer();
        JsonNode info = golden.expected().get("info");

        assertThat(tokenizer.vocabSize()).isEqualTo(info.get("vocab_size").intValue());
        assertThat(tokenizer.bosId()).isEqualTo(info.get("bos_id").intValue());
        assertThat(tokenizer.eosId()).isEqualTo(info.get("eos_id").intValue());
        assertThat(tokenizer.unknownId()).isEqualTo(info.get("unk_id").intValue());
    }

    @ParameterizedTest
    @EnumSource
    void encodesEveryGoldenText(GoldenTokenizer golden) throws IOException {
        SentencePieceTokenizer tokenizer = golden.tokenizer();
        JsonNode cases = golden.expected().get("encode");
        assertThat(cases).hasSizeGreaterThan(80);

        for (JsonNode expected : cases) {
            String text = expected.get("text").textValue();
            int[] ids = tokenizer.encode(text);
            assertThat(ids).as(text).isEqualTo(GoldenTokenizer.ids(expected.get("ids")));
            assertThat(Arrays.stream(ids).mapToObj(tokenizer::piece))
                    .as(text)
                    .containsExactlyElementsOf(
                            IntStream.range(0, expected.get("pieces").size())
                                    .mapToObj(i -> expected.get("pieces").get(i).textValue())
                                    .toList());
            int[] withBos = BosPolicy.PREPEND.apply(tokenizer, ids);
            assertThat(withBos).as(text).isEqualTo(GoldenTokenizer.ids(expected.get("ids_with_bos")));
            assertThat(tokenizer.decode(ids))
                    .as(text)
                    .isEqualTo(expected.get("decoded").textValue());
            assertThat(tokenizer.decode(withBos))
                    .as(text)
                    .isEqualTo(expected.get("decoded_with_bos").textValue());
        }
    }

    @ParameterizedTest
    @EnumSource
    void decodesEveryGoldenIdSequence(GoldenTokenizer golden) throws IOException {
        SentencePieceTokenizer tokenizer = golden.tokenizer();
        JsonNode cases = golden.expected().get("decode");
        assertThat(cases).hasSizeGreaterThan(40);

        for (JsonNode expected : cases) {
            int[] ids = GoldenTokenizer.ids(expected.get("ids"));
            assertThat(tokenizer.decode(ids))
                    .as(Arrays.toString(ids))
                    .isEqualTo(expected.get("text").textValue());
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesIdsOutsideTheVocabulary(GoldenTokenizer golden) throws IOException {
        SentencePieceTokenizer tokenizer = golden.tokenizer();
        JsonNode cases = golden.expected().get("decode_out_of_range");
        assertThat(cases).isNotEmpty();

        for (var expected : cases.properties()) {
            int id = Integer.parseInt(expected.getKey());
            assertThatThrownBy(() -> tokenizer.decode(new int[] {5, id}))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining(expected.getKey())
                    .hasMessageContaining("0 to " + (tokenizer.vocabSize() - 1));
            assertThatThrownBy(() -> tokenizer.piece(id)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void findsPiecesByTheirText(GoldenTokenizer golden) throws IOException {
        SentencePieceTokenizer tokenizer = golden.tokenizer();
        JsonNode cases = golden.expected().get("piece_to_id");
        assertThat(cases).isNotEmpty();

        for (var expected : cases.properties()) {
            int id = tokenizer.id(expected.getKey()).orElse(tokenizer.unknownId());
            assertThat(id).as(expected.getKey()).isEqualTo(expected.getValue().intValue());
        }
        assertThat(tokenizer.id("no-such-piece-xyz")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"V0_8B,test", "V0_8B,valid", "V194M,test", "V194M,valid"})
    void encodesWikiTextAsAWholeAndByLines(GoldenTokenizer golden, String split) throws IOException {
        SentencePieceTokenizer tokenizer = golden.tokenizer();
        JsonNode expected = golden.expected().get("wikitext2").get(split);
        String text = GoldenTokenizer.wikiText(split);

        int[] whole = tokenizer.encode(text);
        assertThat(Arrays.copyOf(whole, 200)).isEqualTo(GoldenTokenizer.ids(expected.get("whole_file_first_200")));
        assertThat(whole).hasSize(expected.get("whole_file_tokens").intValue());
        assertThat(sha256(whole))
                .isEqualTo(expected.get("whole_file_sha256_int32le").textValue());

        String[] lines = text.split("\n", -1);
        assertThat(lines).hasSize(expected.get("lines_after_split_on_LF").intValue());
        int[] byLines = Arrays.stream(lines)
                .flatMapToInt(line -> Arrays.stream(tokenizer.encode(line)))
                .toArray();
        assertThat(byLines).hasSize(expected.get("per_line_tokens").intValue());
        assertThat(sha256(byLines))
                .isEqualTo(expected.get("per_line_sha256_int32le").textValue());
    }

    private static String sha256(int[] ids) {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * ids.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(ids);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
