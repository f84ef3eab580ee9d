package io.spikelet.job.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

final class ChoiceAnswerTest {
    private static final ItemFields FIELDS = new ItemFields("goal", new StructType().add("label", "string"));

    @Test
    void aWholeNumberMayHaveAFractionOfZeros() {
        ChoiceAnswer number = new ChoiceAnswer.Number("label", 0);
        ChoiceAnswer label = new ChoiceAnswer.Label("label", null, List.of("1", "2"));

        assertThat(number.index(FIELDS, item("1"))).isEqualTo(1);
        assertThat(number.index(FIELDS, item("1.0"))).isEqualTo(1);
        assertThat(label.index(FIELDS, item("2.0"))).isEqualTo(1);
        for (String bad : List.of("1.5", "true", "", "1e99", "4294967297")) {
            assertThatThrownBy(() -> number.index(FIELDS, item(bad)))
                    .as(bad)
                    .isInstanceOf(MalformedItemException.class);
        }
    }

    private static Row item(String label) {
        Object[] values = new Object[SourceRow.PASS_THROUGH + 1];
        values[SourceRow.PASS_THROUGH] = label;
        return RowFactory.create(values);
    }
}
