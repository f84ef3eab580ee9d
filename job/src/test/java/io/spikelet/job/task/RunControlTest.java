package io.spikelet.job.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.ExecutorLostFailure;
import org.apache.spark.executor.ExecutorMetrics;
import org.apache.spark.executor.TaskMetrics;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.TaskInfo;
import org.apache.spark.scheduler.TaskLocality;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import scala.Option;

final class RunControlTest extends SparkTest {
    @Test
    void theThirdAttemptStepsOverTheRowThatTheSecondHasNotedLast() {
        RunControl control = control(false);
        control.ended(attempt(3, 0), true);
        RowTracker second = control.watch(attempt(3, 1));
        assertThat(second.isAlone(row("a"))).isTrue();
        second.begins(row("a"));
        second.ends(row("a"));
        second.begins(row("zoë/1\n"));
        control.ended(attempt(3, 1), true);
        leaveTurn(second);

        RowTracker third = control.watch(attempt(3, 2));
        assertThat(third.blames(row("zoë/1\n"))).isTrue();
        assertThat(third.blames(row("a"))).isFalse();
        third.begins(row("b"));
        control.ended(attempt(3, 2), true);
        leaveTurn(third);

        RowTracker fourth = control.watch(attempt(3, 3));
        assertThat(Stream.of(row("zoë/1\n"), row("b")).allMatch(fourth::blames)).isTrue();
        control.ended(attempt(4, 0), true);
        control.ended(attempt(4, 1), true);
        assertThat(control.watch(attempt(4, 2)).blames(row("b")))
                .as("another shard")
                .isFalse();
    }

    @Test
    void aStageThatBeginsAgainKnowsHowItsEarlierAttemptsEnded() {
        RunControl control = control(false);
        control.ended(attempt(3, 0), true);
        control.ended(attempt(3, 1), false); // its part of the shuffle was gone
        RunControl.Attempt second = new RunControl.Attempt(9, 1, 3, 0);
        RowTracker watch = control.watch(second);
        assertThat(watch.isAlone(row("a"))).isTrue();
        watch.begins(row("a"));
        control.ended(second, true);
        leaveTurn(watch);
        control.ended(second.numbered(1), false);

        RowTracker third = control.watch(new RunControl.Attempt(9, 2, 3, 0));
        assertThat(third.blames(row("a"))).isTrue();
        assertThat(third.blames(row("b"))).isFalse();
        assertThat(control.watch(new RunControl.Attempt(9, 2, 4, 0)))
                .as("another shard")
                .isSameAs(RowTracker.NONE);
    }

    @Test
    void aCopyOfATaskThatStillRunsWatchesNothing() {
        RunControl control = control(false);
        control.copies(attempt(3, 1));

        assertThat(control.watch(attempt(3, 1))).isSameAs(RowTracker.NONE);
    }

    @Test
    void aRowIsNotBlamedForExecutorsThatWereRemoved() {
        RunControl control = control(false);
        control.ended(attempt(3, 0), true);
        RowTracker second = control.watch(attempt(3, 1));
        second.begins(row("a"));
        control.ended(attempt(3, 1), false);
        leaveTurn(second);

        RowTracker third = control.watch(attempt(3, 2));
        assertThat(third.blames(row("a"))).isFalse();
        assertThat(third.isAlone(row("a"))).isTrue();
        control.ended(attempt(4, 0), false);
        assertThat(control.watch(attempt(4, 1))).isSameAs(RowTracker.NONE);
    }

    @Test
    void howATaskEndedIsNotedForTheNextAttempt() {
        RunControl control = control(false);
        try (TaskEnds ignored = new TaskEnds(spark.sparkContext(), control)) {
            for (int number = 0; number < 3; number++) {
                boolean byItself = number != 1;
                spark.sparkContext()
                        .listenerBus()
                        .post(new SparkListenerTaskEnd(
                                9_001,
                                0,
                                "ResultTask",
                                new ExecutorLostFailure("1", byItself, Option.apply("gone")),
                                new TaskInfo(1, 0, number, 3, 0, "1", "host", TaskLocality.ANY(), false),
                                new ExecutorMetrics(),
                                TaskMetrics.empty()));
            }
        }

        RunControl.Attempt last = new RunControl.Attempt(9_001, 0, 3, 3);
        RowTracker second = control.watch(last.numbered(1));
        second.begins(row("removed"));
        leaveTurn(second);
        RowTracker third = control.watch(last.numbered(2));
        third.begins(row("ended"));
        leaveTurn(third);
        RowTracker fourth = control.watch(last);
        assertThat(fourth.blames(row("removed"))).isFalse();
        assertThat(fourth.blames(row("ended"))).isTrue();
    }

    private static void leaveTurn(RowTracker watch) {
        try {
            ((RowJournal) watch).close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static RunControl.Attempt attempt(int shard, int number) {
        return new RunControl.Attempt(9, 0, shard, number);
    }

    private static Row row(String id) {
        return SourceRow.of(id, "text", null, null, "hash", null);
    }

    @Test
    void aRunThatIsAskedToStopKeepsTheSamplesOfARowTogether() {
        List<Row> rows = Stream.of("a", "b", "b", "b", "c")
                .map(id -> SourceRow.of(id, "text", null, null, "hash", null))
                .toList();
        RunControl control = control(false);
        StoppableRows whole =
                new StoppableRows(rows.iterator(), control, new TaskMeter(RowCounter.of(spark.sparkContext()), false));

        List<String> taken = new ArrayList<>();
        taken.add(whole.next().getString(SourceRow.ROW_ID));
        taken.add(whole.next().getString(SourceRow.ROW_ID));
        control.stop();
        whole.forEachRemaining(row -> taken.add(row.getString(SourceRow.ROW_ID)));

        assertThat(taken).containsExactly("a", "b", "b", "b");
        assertThat(control(false).stops()).isTrue();
    }

    private RunControl control(boolean isLocal) {
        return new RunControl(
                folder.resolve("control").toUri().toString(),
                folder.resolve("progress").toUri().toString(),
                Set.of(),
                Set.of(),
                isLocal,
                new Configuration());
    }
}
