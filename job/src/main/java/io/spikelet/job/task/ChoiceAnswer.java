package io.spikelet.job.task;

import io.spikelet.job.plan.JsonNumbers;
import java.io.Serializable;
import java.util.List;
import java.util.OptionalLong;
import org.apache.spark.sql.Row;

/** How an item identifies its correct choice. Immutable; serialized to the tasks. */
sealed interface ChoiceAnswer extends Serializable {
    /** The index of the correct choice, from 0; not yet checked against the number of choices. */
    int index(ItemFields fields, Row item);

    /** The same index in every item. */
    record Always(int place) implements ChoiceAnswer {
        @Override
        public int index(ItemFields fields, Row item) {
            return place;
        }
    }

    /** A number in a column, counted from {@code first}. */
    record Number(String column, int first) implements ChoiceAnswer {
        @Override
        public int index(ItemFields fields, Row item) {
            String number = fields.text(item, column).strip();
            OptionalLong whole = JsonNumbers.whole(number); // 1.0 if the column has missing values
            if (whole.isEmpty() || whole.getAsLong() != (int) whole.getAsLong()) {
                throw new MalformedItemException("column " + column + " is \"" + number
                        + "\"; it must be the number of a choice, counted from " + first);
            }
            return Math.subtractExact((int) whole.getAsLong(), first);
        }
    }

    /** The index of a column's value among labels, which are the same for all items or come from another column. */
    record Label(String column, String labelsColumn, List<String> labels) implements ChoiceAnswer {
        @Override
        public int index(ItemFields fields, Row item) {
            String label = fields.text(item, column).strip();
            List<String> all = labelsColumn == null ? labels : fields.texts(item, labelsColumn);
            int index = all.indexOf(label);
            OptionalLong whole = index < 0 ? JsonNumbers.whole(label) : OptionalLong.empty();
            if (whole.isPresent()) { // 1.0 if the column has missing values
                index = all.indexOf(Long.toString(whole.getAsLong()));
            }
            if (index < 0) {
                throw new MalformedItemException(
                        "column " + column + " is \"" + label + "\"; it must be one of " + String.join(", ", all));
            }
            return index;
        }
    }
}
