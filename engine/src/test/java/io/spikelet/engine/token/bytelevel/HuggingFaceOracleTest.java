package io.spikelet.engine.token.bytelevel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spikelet.engine.token.RandomText;
import io.spikelet.engine.token.SpecialTokens;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The same ids and texts as the Rust library, on texts that the golden files do not hold. */
final class HuggingFaceOracleTest {
    private static final long SEED = 20261127;
    private static final int TEXTS = 100_000;
    private static final Path FOLDER = Path.of("../datasets/models/tiny-bispikclm");

    @Test
    void encodesAndDecodesRandomTextsAsTheLibraryDoes() throws IOException {
        compare(SEED);
    }

    @Tag("cluster")
    @Test
    void encodesAndDecodesMoreRandomTextsAsTheLibraryDoes() throws IOException {
        compare(SEED + 1);
    }

    private static void compare(long seed) throws IOException {
        byte[] vocabulary = Files.readAllBytes(FOLDER.resolve("vocab.json"));
        byte[] merges = Files.readAllBytes(FOLDER.resolve("merges.txt"));
        ByteLevelTokenizer tokenizer = ByteLevelTokenizer.parse(vocabulary, merges, SpecialTokens.NONE);
        RandomText random = new RandomText(seed);
        Random shape = new Random(seed);
        try (HuggingFaceTokenizer oracle = oracle(vocabulary, new String(merges, StandardCharsets.UTF_8))) {
            for (int i = 0; i < TEXTS; i++) {
                String text = random.next(shape.nextInt(60));
                long[] expected = oracle.encode(text).getIds();
                int[] ids = tokenizer.encode(text);
                assertThat(Arrays.stream(ids).asLongStream().toArray())
                        .as("seed %d text %d %s", seed, i, text)
                        .isEqualTo(expected);
                int[] cut = Arrays.copyOfRange(ids, Math.min(ids.length, shape.nextInt(3)), ids.length);
                assertThat(tokenizer.decode(cut))
                        .as("seed %d text %d %s", seed, i, text)
                        .isEqualTo(
                                oracle.decode(Arrays.stream(cut).asLongStream().toArray()));
            }
        }
    }

    /** The library reads one file, which says what vocab.json and merges.txt mean by themselves. */
    @SuppressWarnings("MustBeClosedChecker")
    private static HuggingFaceTokenizer oracle(byte[] vocabulary, String merges) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode file = json.createObjectNode().put("version", "1.0");
        file.putObject("pre_tokenizer")
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true);
        file.putObject("decoder")
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true);
        ObjectNode model = file.putObject("model").put("type", "BPE");
        model.set("vocab", json.readTree(vocabulary));
        ArrayNode pairs = model.putArray("merges");
        merges.lines()
                .filter(line -> !line.isEmpty() && !line.startsWith("#version"))
                .forEach(pairs::add);
        try {
            return HuggingFaceTokenizer.newInstance(
                    new ByteArrayInputStream(json.writeValueAsBytes(file)), Map.of("addSpecialTokens", "false"));
        } catch (UnsatisfiedLinkError | IllegalStateException | ExceptionInInitializerError | NoClassDefFoundError e) {
            return abort("skipped: the native tokenizers library cannot be loaded here: " + e);
        }
    }
}
