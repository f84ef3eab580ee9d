package io.spikelet.engine.token.bytelevel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.token.SpecialTokens;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.engine.token.TokenizerFormatException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A vocabulary of all bytes and a few merges, and what is refused. */
class ByteLevelTokenizerTest {
    private static final long SEED = 20261127;

    private final List<String> tokens = new ArrayList<>(List.of("<s>", "<pad>", "</s>", "<unk>"));
    private final List<String> merges = new ArrayList<>();

    @BeforeEach
    void addBytes() {
        for (int value = 0; value < 256; value++) {
            tokens.add(String.valueOf(ByteAlphabet.character(value)));
        }
    }

    private void merge(String left, String right) {
        merges.add(left + " " + right);
        if (!tokens.contains(left + right)) {
            tokens.add(left + right);
        }
    }

    private String vocabulary() {
        StringBuilder json = new StringBuilder("{");
        for (int id = 0; id < tokens.size(); id++) {
            String token = tokens.get(id).replace("\\", "\\\\").replace("\"", "\\\"");
            json.append(id == 0 ? "" : ",")
                    .append('"')
                    .append(token)
                    .append("\":")
                    .append(id);
        }
        return json.append('}').toString();
    }

    private ByteLevelTokenizer load() {
        return parse(vocabulary(), "#version: 0.2\n" + String.join("\n", merges));
    }

    private static ByteLevelTokenizer parse(String vocabulary, String merges) {
        return ByteLevelTokenizer.parse(
                vocabulary.getBytes(StandardCharsets.UTF_8),
                merges.getBytes(StandardCharsets.UTF_8),
                SpecialTokens.NONE);
    }

    private List<String> pieces(String text) {
        ByteLevelTokenizer tokenizer = load();
        return Arrays.stream(tokenizer.encode(text)).mapToObj(tokenizer::piece).toList();
    }

    @Test
    void everyPlaceOfARankIsMergedBeforeWhatItBringsAbout() {
        merge("ab", "a"); // rank 0, though its left part comes of rank 1
        merge("a", "b");
        assertThat(pieces("abab")).containsExactly("ab", "ab");
        assertThat(pieces("aba")).containsExactly("aba");
    }

    @Test
    void noTextHasFewerTokensThanItsBytesAllow() {
        merge("a", "a");
        merge("aa", "aa");
        ByteLevelTokenizer tokenizer = load();
        Random random = new Random(SEED);
        for (int i = 0; i < 200; i++) {
            StringBuilder text = new StringBuilder();
            for (int at = random.nextInt(60); at > 0; at--) {
                text.append(
                        random.nextInt(8) > 0
                                ? "a"
                                : List.of("é", "雪", "𝄞", " ", "\uD800").get(random.nextInt(5)));
            }
            assertThat(tokenizer.fewestTokens(text.toString()))
                    .isLessThanOrEqualTo(tokenizer.encode(text.toString()).length);
        }
        assertThat(tokenizer.fewestTokens("aaaaaaaa")).isEqualTo(2);
        assertThat(tokenizer.fewestTokens("aaaaaaaab")).isEqualTo(3);
    }

    @Test
    void overlappingPlacesAreMergedFromTheLeft() {
        merge("a", "a");
        merge("aa", "aa");
        assertThat(pieces("aaa")).containsExactly("aa", "a");
        assertThat(pieces("aaaaa")).containsExactly("aaaa", "a");
    }

    @Test
    void encodesALongPieceWithoutScanningItAgainForEveryMerge() {
        merge("a", "a");
        merge("aa", "aa");
        merge("aaaa", "aaaa");
        assertThat(load().encode("a".repeat(1 << 20))).hasSize(1 << 17);
    }

    @Test
    void mergesAsTheDefinitionDoesOnRandomPieces() {
        for (String pair : List.of("a b", "b a", "ab a", "c c", "b c", "aba b", "cc b", "a a", "ab ab")) {
            merge(pair.substring(0, pair.indexOf(' ')), pair.substring(pair.indexOf(' ') + 1));
        }
        ByteLevelTokenizer tokenizer = load();
        Random random = new Random(SEED);
        for (int i = 0; i < 3000; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(40); length > 0; length--) {
                text.append("abc".charAt(random.nextInt(3)));
            }
            List<String> expected = naive(text.toString());
            assertThat(Arrays.stream(tokenizer.encode(text.toString()))
                            .mapToObj(tokenizer::piece)
                            .toList())
                    .as("seed %d text %s", SEED, text)
                    .isEqualTo(expected);
        }
    }

    private List<String> naive(String piece) {
        List<String> parts = new ArrayList<>(Arrays.asList(piece.split("")));
        parts.removeIf(String::isEmpty);
        while (true) {
            int best = Integer.MAX_VALUE;
            for (int i = 0; i + 1 < parts.size(); i++) {
                int rank = merges.indexOf(parts.get(i) + " " + parts.get(i + 1));
                best = rank >= 0 ? Math.min(best, rank) : best;
            }
            if (best == Integer.MAX_VALUE) {
                return parts;
            }
            List<String> next = new ArrayList<>();
            for (int i = 0; i < parts.size(); i++) {
                boolean pair = i + 1 < parts.size() && merges.get(best).equals(parts.get(i) + " " + parts.get(i + 1));
                next.add(pair ? parts.get(i) + parts.get(++i) : parts.get(i));
            }
            parts = next;
        }
    }

    @Test
    void anyTextComesBackAsItWas() {
        merge("\u00C3", "\u00A9");
        ByteLevelTokenizer tokenizer = load();
        Random random = new Random(SEED);
        for (int i = 0; i < 500; i++) {
            StringBuilder text = new StringBuilder();
            random.ints(random.nextInt(20), 0, 0x3000)
                    .filter(c -> !Character.isSurrogate((char) c))
                    .forEach(text::appendCodePoint);
            text.appendCodePoint(0x1F40B);
            assertThat(tokenizer.decode(tokenizer.encode(text.toString()))).isEqualTo(text.toString());
        }
    }

    @Test
    void aLoneSurrogateBecomesTheReplacementCharacter() {
        ByteLevelTokenizer tokenizer = load();
        assertThat(tokenizer.decode(tokenizer.encode("a\ud83d b"))).isEqualTo("a\ufffd b");
    }

    @Test
    void holdsBackTheBytesOfAnIncompleteCharacter() {
        ByteLevelTokenizer tokenizer = load();
        int[] ids = tokenizer.encode("\ud83d\udc0b!");
        Tokenizer.StreamDecoder decoder = tokenizer.streamDecoder();
        assertThat(decoder.next(ids[0])).isEmpty();
        assertThat(decoder.next(ids[1])).isEmpty();
        assertThat(decoder.next(ids[2])).isEmpty();
        assertThat(decoder.next(ids[3])).isEqualTo("\ud83d\udc0b");
        assertThat(decoder.next(ids[0])).isEmpty();
        assertThat(decoder.finish()).isEqualTo("\ufffd");
    }

    @ParameterizedTest
    @CsvSource({"-1", "260", "50270"})
    void refusesToDecodeAnIdWithoutAToken(int id) {
        ByteLevelTokenizer tokenizer = load();
        assertThatThrownBy(() -> tokenizer.decode(new int[] {id}))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("token id " + id);
    }

    @Test
    void theModelsSpecialIdsCountMoreThanNames() {
        byte[] rules = new byte[0];
        byte[] ids = vocabulary().getBytes(StandardCharsets.UTF_8);
        ByteLevelTokenizer own = ByteLevelTokenizer.parse(ids, rules, SpecialTokens.NONE);
        assertThat(List.of(own.bosId(), own.eosId(), own.unknownId())).containsExactly(2, 2, 3);
        ByteLevelTokenizer told = ByteLevelTokenizer.parse(ids, rules, new SpecialTokens(0, 1, -1, -1));
        assertThat(List.of(told.bosId(), told.eosId(), told.unknownId())).containsExactly(0, 1, 3);
        assertThatThrownBy(() -> ByteLevelTokenizer.parse(ids, rules, new SpecialTokens(9999, 1, -1, -1)))
                .hasMessageContaining("special token 9999");
    }

    @Test
    void refusesDamagedVocabularies() {
        String rules = "a b\n";
        refused("", rules, "must be an object");
        refused("[1]", rules, "must be an object");
        refused("{\"a\":0", rules, "is not the JSON of a tokenizer");
        refused("{\"a\":\"0\"}", rules, "is no integer");
        refused("{\"a\":0,\"a\":1}", rules, "twice");
        refused("{\"a\":5}", rules, "each once");
        refused("{\"a\":99999999999}", rules, "is not the JSON of a tokenizer");
        refused("{\"a\":0}", rules, "no token for the byte");
        refused("{} {}", rules, "follows");
        refused("{\"" + "a".repeat(1 << 17) + "\":0}", rules, "is not the JSON of a tokenizer");
    }

    @Test
    void refusesDamagedMerges() {
        merge("a", "b");
        String vocabulary = vocabulary();
        refused(vocabulary, "a b\r\n", "needs the token");
        refused(vocabulary, "ab\n", "one space between");
        refused(vocabulary, "a b c\n", "one space between");
        refused(vocabulary, "a c\n", "needs the token \"ac\"");
        refused(vocabulary, "a b\na b\n", "there twice");
        refused(vocabulary, "a " + "b".repeat(1 << 20), "needs the token");
        byte[] broken = {'a', ' ', (byte) 0xFF};
        assertThatThrownBy(() -> ByteLevelTokenizer.parse(
                        vocabulary.getBytes(StandardCharsets.UTF_8), broken, SpecialTokens.NONE))
                .hasMessageContaining("is not UTF-8");
    }

    @Test
    void refusesATokenizerJsonThatAsksForSomethingElse() {
        refusedJson("{\"model\":{\"type\":\"Unigram\"}}", "model.type");
        refusedJson("{\"normalizer\":{\"type\":\"NFKC\"}}", "normalizer is \"NFKC\"");
        refusedJson(
                "{\"added_tokens\":[{\"id\":1,\"content\":\" x\",\"special\":false,\"lstrip\":true}]}",
                "has lstrip, which this program does not do");
        refusedJson("{\"pre_tokenizer\":{\"type\":\"Whitespace\"}}", "pre_tokenizer");
        refusedJson("{\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":true}}", "add_prefix_space");
        refusedJson("{\"model\":{\"byte_fallback\":true}}", "byte_fallback");
        refusedJson("{\"model\":{\"merges\":[[\"a\"]]}}", "no pair of tokens");
        refusedJson("{\"model\":{\"dropout\":0.1}}", "dropout");
        refusedJson("{\"added_tokens\":[{\"id\":1}]}", "no content");
        refusedJson("[".repeat(100_000), "no JSON object");
        refusedJson("{\"other\":" + "[".repeat(100_000), "is not the JSON of a tokenizer");
    }

    private static void refusedJson(String json, String message) {
        assertThatThrownBy(() -> ByteLevelTokenizer.parse(json.getBytes(StandardCharsets.UTF_8), SpecialTokens.NONE))
                .isInstanceOf(TokenizerFormatException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("tokenizer.json");
    }

    private static void refused(String vocabulary, String merges, String message) {
        assertThatThrownBy(() -> parse(vocabulary, merges))
                .isInstanceOf(TokenizerFormatException.class)
                .hasMessageContaining(message)
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1000));
    }
}
