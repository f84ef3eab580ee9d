package io.spikelet.job.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.job.UsageException;
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
    void aTextThatIsFarTooLongForItsTokensIsRefusedByItsLengthAlone() {
        RowLimits limits = RowLimits.NONE.withPromptTokens(1000);

        assertThat(limits.refusal(null, "x".repeat(2 * MEBIBYTE)).orElseThrow())
                .contains("with at most 1000 tokens it may have 256000");
        assertThat(RowLimits.NONE.tooLarge("x".repeat(2 * MEBIBYTE), 2048)).isPresent();
        assertThat(RowLimits.NONE.tooLarge("x".repeat(60_000), 8)).isEmpty();
    }

    @Test
    void limitsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> RowLimits.NONE.withRowBytes(0))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--max-row-bytes is 0");
    }
}
