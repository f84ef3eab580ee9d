package io.spikelet.job.report;

import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import org.junit.jupiter.api.Test;

/** What a report says about operations and their energy. */
final class EnergyNoteTest extends SparkTest {
    @Test
    void largeNumbersAreWrittenOut() {
        String note = EnergyNote.of(spark.sql("""
                                SELECT 20800D AS energy_microjoules, 25000D AS dense_energy_microjoules,
                                    array(named_struct('product', 'a', 'count', 3000000000L)) AS accumulates,
                                    array(named_struct('product', 'a', 'count', 30000L)) AS multiply_adds,
                                    5000000000L AS dense_multiply_adds"""), "", lit(2), "an item").render();

        assertThat(note)
                .contains("10,400 µJ for an item, beside 12,500 µJ", "1,500 million accumulates", "0.0150 million");
    }
}
