package io.spikelet.job.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.decode.LogprobDetail;
import io.spikelet.engine.decode.SamplingParams;
import io.spikelet.engine.family.Families;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What rows say for themselves. */
final class RowOverridesTest {
    private static final GenerationSettings RUN = new GenerationSettings(
            SamplingParams.defaults(Families.all().sampler("greedy")),
            new LogprobDetail(0, false),
            7,
            128,
            1000,
            0,
            true,
            false);

    @Test
    void completionsOfASampleHaveOneLengthWhateverTheirRowsSay() {
        var row = RowOverrides.of("{\"max_tokens\": 500, \"stop\": \"the\", \"temperature\": 0.5}", RUN.ofSample())
                .sampling();

        assertThat(row.maxNewTokens()).isEqualTo(12);
        assertThat(row.minNewTokens()).isEqualTo(12);
        assertThat(row.stopStrings()).isEmpty();
        assertThat(row.temperature()).isEqualTo(0.5f);
        assertThat(RowOverrides.of("{\"max_tokens\": 1}", RUN.ofSample())
                        .sampling()
                        .maxNewTokens())
                .as("shorter than the sample wants")
                .isEqualTo(2);
        assertThat(RowOverrides.of(null, RUN.ofSample()).sampling().maxNewTokens())
                .as("a row that says nothing")
                .isEqualTo(12);
    }

    @Test
    void aWholeNumberMayHaveAFractionOfZerosOrBeAText() {
        assertThat(of("{\"max_new_tokens\": 4.0}").sampling().maxNewTokens()).isEqualTo(4);
        assertThat(of("{\"max_new_tokens\": \"4.0\"}").sampling().maxNewTokens())
                .isEqualTo(4);
        assertThat(of("{\"seed\": 7.0}").seed()).isEqualTo(7);
        assertThat(of("{\"seed\": 9223372036854775807}").seed()).isEqualTo(Long.MAX_VALUE);
        assertThat(of("{\"stop_ids\": [5.0, 6]}").sampling().stopIds()).containsExactly(5, 6);
    }

    @Test
    void aTextThatBeginsWithABracketIsAText() {
        assertThat(of("{\"stop\": \"[/INST]\"}").sampling().stopStrings()).containsExactly("[/INST]");
        assertThat(of("{\"stop\": \"[1]\"}").sampling().stopStrings()).containsExactly("[1]");
        assertThat(of("{\"stop\": \"[\\\"e\\\"]\"}").sampling().stopStrings()).containsExactly("[\"e\"]");
        assertThat(of("{\"stop\": [\"a\", \"[b\"]}").sampling().stopStrings()).containsExactly("a", "[b");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "max_new_tokens | 4.5 | whole number",
                "max_new_tokens | true | whole number",
                "max_new_tokens | 4294967297 | 32 bits",
                "max_new_tokens | 1E+400 | whole number",
                "seed | 18446744073709551615 | 64 bits",
                "seed | [1] | whole number",
                "temperature | \"warm\" | warm",
                "temperature | 1E+400 | number",
                "temperature | true | number",
                "stop | 5 | text",
                "stop_ids | [1000] | 0 to 999",
                "logit_bias | [1000] | 0 to 999",
            })
    void aValueOfTheWrongKindIsRefusedWithItsName(String name, String value, String reason) {
        assertThatThrownBy(() -> of("{\"" + name + "\": " + value + "}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(name + " of the row is " + value)
                .hasMessageContaining(reason);
    }

    @Test
    void aMessageUsesTheNamesOfTheRowAndIsShort() {
        assertThatThrownBy(() -> of("{\"max_tokens\": -3}"))
                .hasMessageStartingWith("max_tokens of the row is -3")
                .hasMessageNotContaining("new");
        assertThatThrownBy(() -> of("{\"min_tokens\": 5, \"max_tokens\": 4}"))
                .hasMessageContaining("min_tokens of the row is 5")
                .hasMessageContaining("max_tokens, 4");
        assertThatThrownBy(() -> of("{\"max_new_tokens\": " + "7".repeat(900) + "}"))
                .satisfies(thrown -> assertThat(thrown.getMessage()).hasSizeLessThan(300));
    }

    private static RowOverrides of(String json) {
        return RowOverrides.of(json, RUN);
    }
}
