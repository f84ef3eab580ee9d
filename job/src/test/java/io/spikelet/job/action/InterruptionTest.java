package io.spikelet.job.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.job.RunFailedException;
import io.spikelet.job.RunStoppedException;
import io.spikelet.job.SparkTest;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.plan.RequestSpec;
import io.spikelet.job.task.RowLimits;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class InterruptionTest extends SparkTest {
    @Test
    void aStopBetweenTwoOfSparksJobsCancelsTheNext() {
        RunArguments request = new RunArguments(
                "generate",
                ModelLocation.of(model()),
                new InputSpec(
                        "in",
                        Optional.empty(),
                        "prompt",
                        Optional.empty(),
                        List.of(),
                        OptionalLong.empty(),
                        RequestSpec.NONE),
                "out",
                OptionalInt.empty(),
                ResumePolicy.NEW,
                RowLimits.NONE,
                line -> {});
        try (Interruption interruption = new Interruption(spark, request)) {
            assertThat(interruption.ask()).as("before the run begins").isFalse();
            interruption.watch("a run");
            spark.sparkContext().setJobGroup("a run", "planning", true);
            assertThat(spark.range(10).count()).isEqualTo(10);

            assertThat(interruption.ask()).isTrue();

            assertThatThrownBy(() -> spark.range(10).count()).hasStackTraceContaining("a run");
            assertThat(interruption.ask()).as("the second time").isFalse();
            assertThat(interruption.explain(new RunFailedException("cancelled"), "; nothing is kept"))
                    .isInstanceOf(RunStoppedException.class)
                    .hasMessage("stopped as asked; nothing is kept");
        } finally {
            spark.sparkContext().clearJobGroup();
        }
    }
}
