package io.spikelet.job.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

final class RunControlTest extends SparkTest {
    @Test
    void theThirdAttemptStepsOverTheRowThatTheSecondHasNotedLast() {
        RowWatch second = control().watch(3, 1);
        assertThat(second.watches()).isTrue();
        second.begins("a");
        second.begins("zoë/1");

        RowWatch third = control().watch(3, 2);
        assertThat(third.blames("zoë/1")).isTrue();
        assertThat(third.blames("a")).isFalse();
        third.begins("b");

        RowWatch fourth = control().watch(3, 3);
        assertThat(Stream.of("zoë/1", "b").allMatch(fourth::blames)).isTrue();
        assertThat(control().watch(4, 2).blames("zoë/1")).as("another shard").isFalse();
    }

    @Test
    void aRunThatIsAskedToStopKeepsTheSamplesOfARowTogether() {
        List<Row> rows = Stream.of("a", "b", "b", "b", "c")
                .map(id -> SourceRow.of(id, "text", null, null, "hash", null))
                .toList();
        RunControl control = control();
        WholeRows whole = new WholeRows(rows.iterator(), control, new TaskMeter(RowCounter.of(spark.sparkContext())));

        List<String> taken = new ArrayList<>();
        taken.add(whole.next().getString(SourceRow.ROW_ID));
        taken.add(whole.next().getString(SourceRow.ROW_ID));
        control.stop();
        whole.forEachRemaining(row -> taken.add(row.getString(SourceRow.ROW_ID)));

        assertThat(taken).containsExactly("a", "b", "b", "b");
        assertThat(control().stops()).isTrue();
    }

    private RunControl control() {
        return new RunControl(folder.resolve("control").toUri().toString(), new Configuration());
    }
}
