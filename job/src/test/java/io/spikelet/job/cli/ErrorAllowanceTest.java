package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.job.UsageException;
import org.junit.jupiter.api.Test;

final class ErrorAllowanceTest {
    @Test
    void withoutALimitOnlyAJobWithoutAnyGoodRowHasTooMany() {
        assertThat(new ErrorAllowance(null).isExceeded(9, 10)).isFalse();
        assertThat(new ErrorAllowance(null).isExceeded(10, 10)).isTrue();
        assertThat(new ErrorAllowance(null).isExceeded(0, 0)).isFalse();
    }

    @Test
    void aNumberAndAShareAllowExactlyThatMuch() {
        assertThat(new ErrorAllowance("10").isExceeded(10, 20)).isFalse();
        assertThat(new ErrorAllowance("10").isExceeded(11, 1000)).isTrue();
        assertThat(new ErrorAllowance("5%").isExceeded(5, 100)).isFalse();
        assertThat(new ErrorAllowance("5%").isExceeded(6, 100)).isTrue();
        assertThat(new ErrorAllowance("0.5%").isExceeded(1, 199)).isTrue();
        assertThat(new ErrorAllowance("0").isExceeded(1, 1000)).isTrue();
    }

    @Test
    void anythingElseIsRefused() {
        for (String text : new String[] {"-1", "many", "101%", "5 %", "%", "1e3", ""}) {
            assertThatThrownBy(() -> new ErrorAllowance(text))
                    .as(text)
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("--max-errors is " + text);
        }
    }
}
