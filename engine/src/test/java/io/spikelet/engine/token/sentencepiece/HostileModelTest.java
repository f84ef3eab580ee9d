package io.spikelet.engine.token.sentencepiece;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.spikelet.engine.token.TokenizerFormatException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Random;
import java.util.SequencedMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Models and texts made to cost much: each is refused, or costs in proportion to its size. */
final class HostileModelTest {
    private static final int LONG = 4_000_000;

    private static void assertRefused(SyntheticModel model, String message) {
        assertThatThrownBy(model::tokenizer)
                .isInstanceOf(TokenizerFormatException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aTrieThatRunsInACircleIsRefused() {
        // 'a' leads from the root to unit 353, whose own child by 'a' it is again
        int[] units = new int[512];
        Arrays.fill(units, 1 << 31);
        units[0] = 256 << 10;
        units[256 ^ 'a'] = ('a' << 10) | 'a';
        assertThat(256 ^ 'a' ^ 'a' ^ 'a').isEqualTo(256 ^ 'a');

        assertRefused(SyntheticModel.withBytes().charMap(blob(units, new byte[] {0})), "runs in a circle");
    }

    private static byte[] blob(int[] units, byte[] replacements) {
        ByteBuffer blob = ByteBuffer.allocate(4 + 4 * units.length + replacements.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(4 * units.length);
        Arrays.stream(units).forEach(blob::putInt);
        return blob.put(replacements).array();
    }

    @Test
    void rulesAreBoundedOnBothSides() {
        assertRefused(rule("a".repeat(257), "b"), "rule of more than 256 bytes");
        assertRefused(rule("a", "b".repeat(1 << 20)), "replacement of more than 256 bytes");
        assertThat(rule("a".repeat(256), "b".repeat(256)).tokenizer().encode("x" + "a".repeat(256)))
                .hasSize(1 + 256);
    }

    private static SyntheticModel rule(String key, String replacement) {
        SequencedMap<String, String> rules = new LinkedHashMap<>();
        rules.put(key, replacement);
        return SyntheticModel.withBytes().whitespace(false, false, true).charMap(SyntheticModel.charMap(rules));
    }

    @Test
    void aUserDefinedSymbolIsBounded() {
        assertRefused(
                SyntheticModel.withBytes().piece("a".repeat(4095), 0, PieceKind.USER_DEFINED),
                "user-defined symbol of 4095 bytes");

        SentencePieceTokenizer tokenizer = SyntheticModel.withBytes()
                .whitespace(false, false, true)
                .piece("a".repeat(255) + "b", 0, PieceKind.USER_DEFINED)
                .piece("a".repeat(255) + "c", 0, PieceKind.USER_DEFINED)
                .tokenizer();
        assertThat(tokenizer.encode("a".repeat(LONG) + "c")).hasSize(LONG - 255 + 1);
    }

    /** Every letter more makes an unused piece of the one before it, which are split all the way down. */
    @Test
    void chainsOfUnusedPiecesAreSplitInLinearTime() {
        SyntheticModel model = SyntheticModel.withBytes().whitespace(false, false, true);
        model.piece("a", -1, PieceKind.NORMAL);
        for (int length = 2; length <= 2000; length++) {
            model.piece("a".repeat(length), -length, PieceKind.UNUSED);
        }
        SentencePieceTokenizer tokenizer = model.tokenizer();
        int a = tokenizer.id("a").orElseThrow();

        assertThat(tokenizer.encode("a".repeat(1_000_000))).hasSize(1_000_000).containsOnly(a);
    }

    @Test
    void aLongWordTakesMemoryInProportionToItsText() throws IOException {
        SentencePieceTokenizer tokenizer = TinyTokenizer.load();
        String equal = "a".repeat(LONG);
        Random random = new Random(5);
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < LONG; i++) {
            letters.append((char) ('a' + random.nextInt(26)));
        }
        tokenizer.encode("warm up");

        for (String text : new String[] {equal, letters.toString()}) {
            assertThat(bytesPerCharacter(text, () -> tokenizer.encode(text))).isLessThan(32);
            assertThat(bytesPerCharacter(text, () -> tokenizer.locate(text).ids()))
                    .isLessThan(56);
            assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
        }
    }

    private static long bytesPerCharacter(String text, Supplier<int[]> encode) {
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = thread.getCurrentThreadAllocatedBytes();
        int[] ids = encode.get();
        long allocated = thread.getCurrentThreadAllocatedBytes() - before;
        assertThat(ids).isNotEmpty();
        return allocated / text.length();
    }

    @Test
    void theFewestTokensAreNeverMoreThanThereAre() throws IOException {
        SentencePieceTokenizer tiny = TinyTokenizer.load();
        Random random = new Random(6);
        for (int i = 0; i < 2000; i++) {
            StringBuilder text = new StringBuilder();
            for (int parts = random.nextInt(30); parts > 0; parts--) {
                text.append(new String[] {" ", "the", " LORD", "\u65e5", "\ud83d\ude00", "\ud83d", "aaaaaaaa"}
                        [random.nextInt(7)]);
            }
            assertThat(tiny.fewestTokens(text.toString()))
                    .as(text.toString())
                    .isLessThanOrEqualTo(tiny.encode(text.toString()).length);
        }
        assertThat(tiny.fewestTokens("a".repeat(LONG))).isGreaterThan(LONG / 100);
        assertThat(rule("a", "").tokenizer().fewestTokens("a".repeat(100)))
                .as("where characters may vanish")
                .isZero();
    }
}
