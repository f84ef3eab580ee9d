package io.spikelet.job.task;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.sql.Row;

/** Rows until a stop of the run is requested, but never only a part of a row's samples. */
final class StoppableRows implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final RunControl control;
    private final TaskMeter meter;
    private Row next;
    private String last;
    private boolean ended;

    StoppableRows(Iterator<Row> rows, RunControl control, TaskMeter meter) {
        this.rows = rows;
        this.control = control;
        this.meter = meter;
    }

    @Override
    public boolean hasNext() {
        if (next == null && !ended && rows.hasNext()) {
            Row row = rows.next();
            String id = row.getString(SourceRow.ROW_ID);
            if (control.stops() && !id.equals(last)) {
                ended = true;
            } else {
                next = row;
                last = id;
            }
        }
        return next != null;
    }

    @Override
    public Row next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        Row row = next;
        next = null;
        meter.addPredicted(row.isNullAt(SourceRow.COST) ? 0 : row.getLong(SourceRow.COST));
        return row;
    }
}
