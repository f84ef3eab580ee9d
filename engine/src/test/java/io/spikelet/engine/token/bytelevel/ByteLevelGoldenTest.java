package io.spikelet.engine.token.bytelevel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.engine.Fixtures;
import io.spikelet.engine.GoldenCase;
import io.spikelet.engine.token.Encoding;
import io.spikelet.engine.token.SpecialTokens;
import io.spikelet.engine.token.Tokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ids and texts of the tokenizers library. */
class ByteLevelGoldenTest {
    private static Path folder;
    private static JsonNode golden;

    @BeforeAll
    static void read() throws IOException {
        assumeTrue(
                Fixtures.shared("models/tiny-bispikclm/tokenizer_golden.json").isPresent(),
                "skipped: ../shared/models/tiny-bispikclm is absent");
        folder = Fixtures.shared("models/tiny-bispikclm").orElseThrow();
        golden = new ObjectMapper()
                .readTree(folder.resolve("tokenizer_golden.json").toFile());
    }

    private static ByteLevelTokenizer tokenizer(String source) throws IOException {
        byte[] content = Files.readAllBytes(folder.resolve(source));
        return source.equals("tokenizer.json")
                ? ByteLevelTokenizer.parse(content, SpecialTokens.NONE)
                : ByteLevelTokenizer.parse(
                        content, Files.readAllBytes(folder.resolve("merges.txt")), SpecialTokens.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"vocab.json", "tokenizer.json"})
    void encodesAndDecodesEveryString(String source) throws IOException {
        ByteLevelTokenizer tokenizer = tokenizer(source);
        assertThat(tokenizer.vocabSize()).isEqualTo(4096);
        for (JsonNode entry : golden.get("encode")) {
            String text = entry.get("text").textValue();
            int[] ids = GoldenCase.ints(entry.get("ids"));
            assertThat(tokenizer.encode(text)).as(text).isEqualTo(ids);
            assertThat(tokenizer.decodeWithSpecialTokens(ids))
                    .as(text)
                    .isEqualTo(entry.get("decoded").textValue());
            if (entry.has("ids_with_special_tokens_recognised")) {
                assertThat(tokenizer.encodeWithSpecialTokens(text))
                        .as(text)
                        .isEqualTo(GoldenCase.ints(entry.get("ids_with_special_tokens_recognised")));
            }
        }
    }

    @Test
    void decodesEveryListOfIdsAlsoOneAtATime() throws IOException {
        ByteLevelTokenizer tokenizer = tokenizer("vocab.json");
        for (JsonNode entry : golden.get("decode")) {
            int[] ids = GoldenCase.ints(entry.get("ids"));
            assertThat(tokenizer.decodeWithSpecialTokens(ids))
                    .isEqualTo(entry.get("decoded").textValue());
            String skipped = entry.get("decoded_skipping_special_tokens").textValue();
            assertThat(tokenizer.decode(ids)).isEqualTo(skipped);
            Tokenizer.StreamDecoder stream = tokenizer.streamDecoder();
            StringBuilder text = new StringBuilder();
            for (int id : ids) {
                text.append(stream.next(id));
            }
            assertThat(text.append(stream.finish()).toString()).isEqualTo(skipped);
        }
    }

    @Test
    void theIdsOfTheHeldOutTextAreTheLibrarysIds() throws IOException, NoSuchAlgorithmException {
        ByteLevelTokenizer tokenizer = tokenizer("vocab.json");
        JsonNode expected = golden.get("info");
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        int tokens = 0;
        for (String line : Files.readAllLines(folder.resolve("heldout.jsonl"))) {
            int[] ids = tokenizer.encode(
                    new ObjectMapper().readTree(line).get("text").textValue());
            ByteBuffer bytes = ByteBuffer.allocate(ids.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asIntBuffer().put(ids);
            digest.update(bytes.array());
            tokens += ids.length;
        }
        assertThat(tokens).isEqualTo(90082);
        assertThat(expected.toString()).contains(HexFormat.of().formatHex(digest.digest()));
    }

    @Test
    void theSpansOfTokensCoverTheText() throws IOException {
        ByteLevelTokenizer tokenizer = tokenizer("vocab.json");
        for (JsonNode entry : golden.get("encode")) {
            String text = entry.get("text").textValue();
            Encoding encoding = tokenizer.locate(text);
            assertThat(encoding.ids()).isEqualTo(tokenizer.encode(text));
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            assertThat(encoding.edges()[encoding.ids().length]).isEqualTo(bytes.length);
            assertThat(encoding.edges()).isSorted();
        }
    }
}
