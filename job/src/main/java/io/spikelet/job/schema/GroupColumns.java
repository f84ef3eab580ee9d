package io.spikelet.job.schema;

import io.spikelet.job.UsageException;
import java.util.Arrays;
import java.util.List;
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
}
