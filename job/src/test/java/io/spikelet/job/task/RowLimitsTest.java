package io.spikelet.job.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.token.SpecialTokens;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.engine.token.bytelevel.ByteLevelTokenizer;
import io.spikelet.job.UsageException;
import io.spikelet.job.schema.ErrorClass;
import java.nio.charset.StandardCharsets;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;

final class RowLimitsTest {
    private static final int MEBIBYTE = 1 << 20;

    @Test
    void aTextWithMoreBytesThanAllowedIsRefusedBeforeTheTokenizerSeesIt() {
        assertThat(RowLimits.NONE.refusal(null, "x".repeat(15 * MEBIBYTE)).orElseThrow())
                .contains("the text has " + 15 * MEBIBYTE + " bytes", "--max-row-bytes allows " + 4 * MEBIBYTE);
        assertThat(RowLimits.NONE.refusal(null, "x".repeat(4 * MEBIBYTE))).isEmpty();
        assertThat(RowLimits.NONE.refusal(null, "雪".repeat(4 * MEBIBYTE / 3 + 1)))
                .isPresent();
        assertThat(RowLimits.NONE.withRowBytes(10).refusal(null, "elevenbytes")).isPresent();
    }

    @Test
    void aDocumentWithMoreBytesThanAllowedIsNotJoinedToOthers() {
        String text = "elevenbytes";

        CorpusWindower.Place place = CorpusWindower.Place.of(
                SourceRow.of("a", text, null, null, "hash", null), text, null, RowLimits.NONE.withRowBytes(10));

        assertThat(place.joins()).isFalse();
        assertThat(place.errorClass()).isEqualTo(ErrorClass.TOO_LONG);
        assertThat(place.errorMessage()).contains("--max-row-bytes allows 10");
    }

    @Test
    void aTextThatIsFarTooLongForItsTokensIsRefusedByItsLengthAlone() {
        RowLimits limits = RowLimits.NONE.withPromptTokens(1000);

        assertThat(limits.refusal(null, "x".repeat(2 * MEBIBYTE)).orElseThrow())
                .contains("with at most 1000 tokens it may have 256000");
        assertThat(RowLimits.NONE.tooLarge(null, "x".repeat(2 * MEBIBYTE), 2048))
                .isPresent();
        assertThat(RowLimits.NONE.tooLarge(null, "x".repeat(60_000), 8)).isEmpty();
    }

    @Test
    void aTextThatMustHaveTooManyTokensIsRefusedBeforeItIsEncoded() {
        Tokenizer tokenizer = bytesOnly();
        String text = "x".repeat(100_000);

        assertThat(RowLimits.NONE.withPromptTokens(1000).refusal(tokenizer, text))
                .contains(
                        "the text has at least 100000 tokens; --max-prompt-tokens allows 1000: shorten it or allow more");
        assertThat(RowLimits.NONE.tooLarge(tokenizer, text, 2048))
                .contains("the text has at least 100000 tokens; the model's context has room for at most 2048:"
                        + " shorten it");
        assertThat(RowLimits.NONE.withPromptTokens(100_000).refusal(tokenizer, text))
                .as("a text that fits")
                .isEmpty();
        assertThat(RowLimits.NONE
                        .withPromptTokens(9)
                        .refusal(tokenizer, "ten bytes!")
                        .orElseThrow())
                .as("a short text, whose tokens can be said")
                .startsWith("the text has 10 tokens");
    }

    /** A vocabulary of the 256 bytes, none of which merge. */
    private static Tokenizer bytesOnly() {
        StringJoiner vocabulary = new StringJoiner(",", "{", "}");
        int other = 256; // the characters for bytes that are not printable
        for (int value = 0; value < 256; value++) {
            boolean isItself = value > ' ' && value < 0x7F || value > 0xA0 && value != 0xAD;
            char name = (char) (isItself ? value : other++);
            String escaped = (name == '"' || name == '\\' ? "\\" : "") + name;
            vocabulary.add('"' + escaped + "\":" + value);
        }
        return ByteLevelTokenizer.parse(
                vocabulary.toString().getBytes(StandardCharsets.UTF_8), new byte[0], SpecialTokens.NONE);
    }

    @Test
    void limitsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> RowLimits.NONE.withRowBytes(0))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--max-row-bytes is 0");
    }
}
