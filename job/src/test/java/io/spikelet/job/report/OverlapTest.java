package io.spikelet.job.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.report.Chart.Bar;
import io.spikelet.job.report.Chart.Point;
import io.spikelet.job.report.Chart.Series;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** When a chart is drawn, and when its series are drawn apart. */
final class OverlapTest {
    @Test
    void linesWhoseBandsCoverEachOtherAreDrawnApart() {
        assertThat(Overlap.of(List.of(line(0, 1.0), line(0.5, 1.0)))).isTrue();
        assertThat(Overlap.of(List.of(line(0, 1.0), line(5, 1.0)))).isFalse();
        assertThat(Overlap.of(List.of(line(0, null), line(0.5, null)))).isFalse();
        assertThat(Overlap.of(List.of(line(0, 1.0)))).isFalse();
    }

    @Test
    void barsThatReadTheSameAreNoChart() {
        assertThat(Chart.Bars.of("", List.of(new Bar("a", 10.41, "10.4%"), new Bar("b", 10.42, "10.4%"))))
                .isEmpty();
        assertThat(Chart.Bars.of("", List.of(new Bar("a", 10, "10%")))).isEmpty();
        assertThat(Chart.Bars.of("", List.of(new Bar("a", 10, "10%"), new Bar("b", 20, "20%"))))
                .isPresent();
    }

    @Test
    void tasksThatWarmAJvmUpAreNoStragglers() {
        List<TaskCost> tasks = List.of(
                task(1, 0, 0, 9),
                task(1, 1, 1, 9),
                task(1, 2, 9, 2),
                task(1, 3, 11, 2),
                task(2, 4, 20, 8),
                task(2, 5, 28, 2));

        assertThat(TaskCost.warm(tasks).stream().map(TaskCost::shard)).containsExactly(2, 3, 5);
    }

    @Test
    void theTimeBetweenAttemptsIsNotDrawn() {
        List<TaskCost> tasks = List.of(
                task(1, 0, 100, 9), task(1, 1, 101, 4), task(3, 2, 5000, 2), task(3, 3, 5001, 8), task(4, 4, 9000, 1));

        List<TaskCost> moved = TaskCost.withoutPauses(tasks);

        assertThat(moved.stream().map(TaskCost::start)).containsExactly(100.0, 101.0, 109.0, 110.0, 118.0);
        assertThat(moved.stream().map(TaskCost::seconds)).containsExactly(9.0, 4.0, 2.0, 8.0, 1.0);
        assertThat(TaskCost.withoutPauses(tasks.subList(0, 2))).isEqualTo(tasks.subList(0, 2));
    }

    private static TaskCost task(int attempt, int shard, int start, double seconds) {
        return new TaskCost(attempt, shard, 10, 100, 100, seconds, "driver", Instant.ofEpochSecond(start));
    }

    private static Series line(double height, Double error) {
        return new Series(
                "height " + height,
                IntStream.range(0, 10)
                        .mapToObj(x -> new Point(x, height, error))
                        .toList());
    }
}
