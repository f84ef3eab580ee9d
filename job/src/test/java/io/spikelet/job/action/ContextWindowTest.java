package io.spikelet.job.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.convert.ModelPreset;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.job.UsageException;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** A window may be longer than what a model was trained for, unless the model has learned its positions. */
final class ContextWindowTest {
    private static List<FamilyConfig> models(boolean mayExceed) {
        List<FamilyConfig> models = Families.mappings().presets().stream()
                .map(ModelPreset::config)
                .filter(model -> model.mayExceedContext() == mayExceed)
                .toList();
        assertThat(models).isNotEmpty();
        return models;
    }

    @Test
    void withoutAWishItIsWhatTheModelWasTrainedFor() {
        for (boolean mayExceed : new boolean[] {true, false}) {
            assertThat(models(mayExceed))
                    .allSatisfy(model -> assertThat(ContextWindow.of(OptionalInt.empty(), model))
                            .isEqualTo(model.contextLength()));
        }
    }

    @Test
    void modelsWithoutLearnedPositionsReadOn() {
        assertThat(models(true))
                .allSatisfy(model -> assertThat(ContextWindow.of(OptionalInt.of(3 * model.contextLength()), model))
                        .isEqualTo(3 * model.contextLength()));
    }

    @Test
    void learnedPositionsEnd() {
        assertThat(models(false)).allSatisfy(model -> {
            int last = model.contextLength();
            assertThat(ContextWindow.of(OptionalInt.of(last), model)).isEqualTo(last);
            assertThatThrownBy(() -> ContextWindow.of(OptionalInt.of(last + 1), model))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContainingAll("--context is " + (last + 1), "ends at " + last, "at most");
        });
    }
}
