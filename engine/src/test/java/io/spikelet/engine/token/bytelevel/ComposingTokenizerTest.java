package io.spikelet.engine.token.bytelevel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spikelet.engine.Fixtures;
import io.spikelet.engine.token.Encoding;
import io.spikelet.engine.token.SpecialTokens;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.engine.token.TokenizerFormatException;
import io.spikelet.engine.token.Utf8;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.Normalizer;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A {@code tokenizer.json} that brings texts to NFC and adds runs of spaces: the released one, and a small one of its kind. */
class ComposingTokenizerTest {
    /** Of the kind of GPT-NeoX's, with every byte that occurs in UTF-8, a merge and runs of 2 to 4 spaces. */
    private static ByteLevelTokenizer small() {
        return ByteLevelTokenizer.parse(file().toString().getBytes(StandardCharsets.UTF_8), SpecialTokens.NONE);
    }

    private static ObjectNode file() {
        ObjectNode file = new ObjectMapper().createObjectNode();
        file.putObject("normalizer").put("type", "NFC");
        file.putObject("pre_tokenizer").put("type", "ByteLevel").put("add_prefix_space", false);
        ObjectNode model = file.putObject("model").put("type", "BPE");
        ObjectNode vocabulary = model.putObject("vocab");
        vocabulary.put("<|endoftext|>", 0);
        for (int value = 0; value < 0xF5; value++) {
            if (value != 0xC0 && value != 0xC1) {
                vocabulary.put(String.valueOf(ByteAlphabet.character(value)), vocabulary.size());
            }
        }
        vocabulary.put("ab", vocabulary.size());
        model.putArray("merges").add("a b");
        file.putArray("added_tokens")
                .addObject()
                .put("id", 0)
                .put("content", "<|endoftext|>")
                .put("special", true);
        for (int spaces = 4; spaces >= 2; spaces--) {
            file.withArray("added_tokens")
                    .addObject()
                    .put("id", vocabulary.size() + 4 - spaces)
                    .put("content", " ".repeat(spaces))
                    .put("special", false)
                    .put("normalized", true);
        }
        return file;
    }

    @Test
    void runsOfSpacesAreTakenOutOfTheTextTheLongestFirst() {
        ByteLevelTokenizer tokenizer = small();
        int ab = tokenizer.id("ab").orElseThrow();
        int two = tokenizer.id("  ").orElseThrow();
        int four = tokenizer.id("    ").orElseThrow();
        int space = tokenizer.id("\u0120").orElseThrow();
        assertThat(tokenizer.encode("ab  ab")).containsExactly(ab, two, ab);
        assertThat(tokenizer.encode("ab ab")).containsExactly(ab, space, ab);
        assertThat(tokenizer.encode("ab     ab")).containsExactly(ab, four, space, ab);
        assertThat(tokenizer.encode(" ".repeat(10))).containsExactly(four, four, two);
        assertThat(tokenizer.decode(new int[] {ab, four, two})).isEqualTo("ab      ");
    }

    @Test
    void namesOfSpecialTokensAreTextUnlessAskedFor() {
        ByteLevelTokenizer tokenizer = small();
        assertThat(tokenizer.encode("<|endoftext|>")).hasSize(13);
        assertThat(tokenizer.encodeWithSpecialTokens("a<|endoftext|>"))
                .containsExactly(tokenizer.id("a").orElseThrow(), 0);
    }

    @Test
    void aTextIsBroughtToNfcAndItsTokensKnowWhereTheyCameFrom() {
        ByteLevelTokenizer tokenizer = small();
        String text = "abe\u0301  ab\u212a"; // e and an acute accent; a Kelvin sign
        int[] ids = tokenizer.encode(text);
        assertThat(tokenizer.decode(ids)).isEqualTo("ab\u00e9  abK");
        Encoding encoding = tokenizer.locate(text);
        assertThat(encoding.ids()).isEqualTo(ids);
        // ab, two bytes of é (the last has all three), two spaces, ab, K
        assertThat(encoding.edges()).containsExactly(0, 2, 2, 5, 7, 9, 12);
    }

    @Test
    void spansCoverTextsOfAllKinds() {
        ByteLevelTokenizer tokenizer = small();
        Random random = new Random(20264);
        int[] alphabet = {
            'a', 'b', ' ', 'e', 0x301, 0x327, 0x323, 0x1100, 0x1161, 0x11A8, 0xAC00, 0x212A, 0x1FEF, 0x915, 0x93C,
            0x9C7, 0x9BE, 0x1F600, 0x16D67, 0x16D63, 0xD800, 0x3B1, 0x345, 0x313, 0x300, 0xFB1D, 0x2126, 0xF900
        };
        for (int i = 0; i < 20_000; i++) {
            StringBuilder built = new StringBuilder();
            for (int n = random.nextInt(12); n > 0; n--) {
                int point = alphabet[random.nextInt(alphabet.length)];
                if (point == 0xD800) {
                    built.append((char) point);
                } else {
                    built.appendCodePoint(point);
                }
            }
            String text = built.toString();
            String mended = Utf8.wellFormed(text);
            Encoding encoding = tokenizer.locate(text);
            assertThat(encoding.ids()).as(text).isEqualTo(tokenizer.encode(text));
            assertThat(tokenizer.decode(encoding.ids())).isEqualTo(Normalizer.normalize(mended, Normalizer.Form.NFC));
            assertThat(encoding.edges()).isSorted().startsWith(0);
            if (!text.isEmpty()) {
                assertThat(encoding.edges()).as(text).endsWith((int) Utf8.length(mended));
            }
            assertThat(tokenizer.fewestTokens(text)).isLessThanOrEqualTo(encoding.ids().length);
        }
    }

    @Test
    void aByteThatOccursInUtf8MustHaveAToken() {
        ObjectNode file = file();
        ObjectNode vocabulary = (ObjectNode) file.get("model").get("vocab");
        int id = vocabulary.remove(String.valueOf(ByteAlphabet.character(0xC2))).intValue();
        vocabulary.put("xx", id);
        assertThatThrownBy(() ->
                        ByteLevelTokenizer.parse(file.toString().getBytes(StandardCharsets.UTF_8), SpecialTokens.NONE))
                .isInstanceOf(TokenizerFormatException.class)
                .hasMessageContaining("no token for the byte 194");
    }

    private static ByteLevelTokenizer released() throws IOException {
        Path folder = folder();
        return ByteLevelTokenizer.parse(
                Files.readAllBytes(folder.resolve("20B_tokenizer.json")),
                new SpecialTokens(0, 0, SpecialTokens.NO_ID, SpecialTokens.NO_ID));
    }

    private static Path folder() {
        assumeTrue(
                Fixtures.shared("tokenizers/gpt-neox-20b").isPresent(),
                "skipped: ../shared/tokenizers/gpt-neox-20b is absent");
        return Fixtures.shared("tokenizers/gpt-neox-20b").orElseThrow();
    }

    private static JsonNode golden() throws IOException {
        return new ObjectMapper()
                .readTree(folder().resolve("tokenizer_golden.json").toFile());
    }

    private static int[] ints(JsonNode array) {
        int[] ids = new int[array.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = array.get(i).intValue();
        }
        return ids;
    }

    @Test
    void theReleasedTokenizerEncodesAndDecodesEveryString() throws IOException {
        ByteLevelTokenizer tokenizer = released();
        assertThat(tokenizer.vocabSize()).isEqualTo(50277);
        assertThat(tokenizer.bosId()).isZero();
        JsonNode strings = golden().get("encode");
        assertThat(strings).hasSize(389);
        for (JsonNode entry : strings) {
            String text = entry.get("text").textValue();
            int[] ids = ints(entry.get("ids"));
            assertThat(tokenizer.encode(text)).as(text).isEqualTo(ids);
            assertThat(tokenizer.locate(text).ids()).as(text).isEqualTo(ids);
            assertThat(tokenizer.decodeWithSpecialTokens(ids))
                    .as(text)
                    .isEqualTo(entry.get("decoded").textValue());
            if (entry.has("ids_with_special_tokens_recognised")) {
                assertThat(tokenizer.encodeWithSpecialTokens(text))
                        .as(text)
                        .isEqualTo(ints(entry.get("ids_with_special_tokens_recognised")));
            }
        }
    }

    @Test
    void theReleasedTokenizerDecodesEveryListOfIdsAlsoOneAtATime() throws IOException {
        ByteLevelTokenizer tokenizer = released();
        for (JsonNode entry : golden().get("decode")) {
            int[] ids = ints(entry.get("ids"));
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
    void theIdsOfWholeFilesAreTheLibrarys() throws IOException, NoSuchAlgorithmException {
        ByteLevelTokenizer tokenizer = released();
        for (String name : new String[] {"test.txt", "valid.txt"}) {
            JsonNode expected = golden().get("info").get("files").get("wikitext-2 " + name);
            assumeTrue(Fixtures.shared("wikitext-2/" + name).isPresent(), "skipped: ../shared/wikitext-2 is absent");
            int[] ids = tokenizer.encode(
                    Files.readString(Fixtures.shared("wikitext-2/" + name).orElseThrow()));
            ByteBuffer bytes = ByteBuffer.allocate(ids.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asIntBuffer().put(ids);
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            assertThat(HexFormat.of().formatHex(digest.digest(bytes.array())))
                    .isEqualTo(expected.get("sha256_of_int32_le_ids").textValue());
        }
    }
}
