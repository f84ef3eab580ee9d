package io.spikelet.job.task;

import io.spikelet.job.plan.InputRows;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** Positions in a row of {@link InputRows#partitioned}, and how its tail reaches the output. */
final class SourceRow {
    static final int ROW_ID = InputRows.LEADING_COLUMNS.fieldIndex("row_id");
    static final int TEXT = InputRows.LEADING_COLUMNS.fieldIndex(InputRows.TEXT);
    static final int ERROR_CLASS = InputRows.LEADING_COLUMNS.fieldIndex("error_class");
    static final int ERROR_MESSAGE = InputRows.LEADING_COLUMNS.fieldIndex("error_message");
    static final int CONTENT_SHA256 = InputRows.LEADING_COLUMNS.fieldIndex("content_sha256");
    static final int PLACE = InputRows.LEADING_COLUMNS.fieldIndex(InputRows.PLACE);

    static final int OVERRIDES = InputRows.LEADING_COLUMNS.fieldIndex(InputRows.OVERRIDES);
    static final int REQUEST = InputRows.LEADING_COLUMNS.fieldIndex(InputRows.REQUEST);
    static final int DUPLICATE_OF = InputRows.LEADING_COLUMNS.fieldIndex("duplicate_of");
    static final int SAMPLE_INDEX = InputRows.LEADING_COLUMNS.fieldIndex("sample_index");

    static final int COST = InputRows.LEADING_COLUMNS.fieldIndex(InputRows.COST);

    static final int PASS_THROUGH = InputRows.LEADING_COLUMNS.size();

    private SourceRow() {}

    /** A row of a text alone. */
    static Row of(
            String rowId, String text, String errorClass, String errorMessage, String contentSha256, String overrides) {
        return RowFactory.create(
                rowId, text, errorClass, errorMessage, contentSha256, null, overrides, null, null, 1, 0, 0L);
    }

    /** Values for an output row with that many columns of its own; those that pass through are filled in. */
    static Object[] output(Row source, int ownColumns) {
        int passThrough = source.size() - PASS_THROUGH;
        Object[] values = new Object[ownColumns + passThrough];
        for (int i = 0; i < passThrough; i++) {
            values[ownColumns + i] = source.get(PASS_THROUGH + i);
        }
        return values;
    }
}
