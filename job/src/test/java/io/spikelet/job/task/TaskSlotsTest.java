package io.spikelet.job.task;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.SparkConf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TaskSlotsTest {
    @ParameterizedTest
    @CsvSource(textBlock = """
                    local,            '',  1
                    local[3],         '',  3
                    local[*],         '',  16
                    'local[2, 4]',    '',  2
                    spark://host:7077, '', 16
                    spark://host:7077, 4,  4
                    yarn,             2,   2
                    """)
    void aTaskSharesTheHeapWithThoseThatRunBesideIt(String master, String cores, int expected) {
        SparkConf conf = new SparkConf(false).set("spark.master", master);
        if (!cores.isEmpty()) {
            conf.set("spark.executor.cores", cores);
        }
        assertThat(TaskSlots.of(conf, 16)).isEqualTo(expected);
    }
}
