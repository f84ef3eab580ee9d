package io.spikelet.job.schema;

import io.spikelet.job.UsageException;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** The group columns of a summary, between its own columns. */
public final class GroupColumns {
    private GroupColumns() {}

    /**
     * The schema of a summary.
     *
     * @param passThrough where the group columns come from
     * @param input names the input in error messages
     * @throws UsageException if one of them is not there, or has the name of one of the table's own
     */
    public static StructType between(
            StructType leading,
            StructType metrics,
            String table,
            List<String> groupBy,
            StructType passThrough,
            String input) {
        StructType groups = new StructType();
        for (String name : groupBy) {
            if (!Arrays.asList(passThrough.fieldNames()).contains(name)) {
                throw new UsageException("--group-by " + name + " is no column of --input " + input
                        + " that passes through; those are " + String.join(", ", passThrough.fieldNames()));
            }
            groups = groups.add(passThrough.apply(name));
        }
        PassThrough.append(table, Columns.joined(leading, metrics), groups); // names all that clash in one message
        return Columns.joined(leading, groups, metrics);
    }

    /**
     * A row of a summary.
     *
     * @param group has the values of the group columns from a place on; null for a row that is of no group
     */
    public static Row row(StructType summary, List<?> leading, Row group, int from, Object[] metrics) {
        Object[] values = Arrays.copyOf(leading.toArray(), summary.size());
        int groups = values.length - leading.size() - metrics.length;
        for (int i = 0; group != null && i < groups; i++) {
            values[leading.size() + i] = group.get(from + i);
        }
        System.arraycopy(metrics, 0, values, leading.size() + groups, metrics.length);
        return RowFactory.create(values);
    }
}
