package io.spikelet.job.schema;

import io.spikelet.job.UsageException;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Input columns that a table carries after its own. */
public final class PassThrough {
    private PassThrough() {}

    /**
     * The schema of a table with the columns that pass through.
     *
     * @throws UsageException if one of them has the name of one of the table's own, upper and lower case aside
     */
    public static StructType append(String table, StructType own, StructType passThrough) {
        List<String> taken = Arrays.stream(own.fieldNames()).map(FoldedName::of).toList();
        List<String> clashes = Arrays.stream(passThrough.fieldNames())
                .filter(name -> taken.contains(FoldedName.of(name)))
                .toList();
        if (!clashes.isEmpty()) {
            boolean isOne = clashes.size() == 1;
            throw new UsageException("the input " + (isOne ? "column " : "columns ") + String.join(", ", clashes)
                    + (isOne ? " has the name of a column" : " have the names of columns") + " of the table " + table
                    + "; rename " + (isOne ? "it, or leave it" : "them, or leave them") + " out with --drop-columns "
                    + String.join(",", clashes));
        }
        return Columns.joined(own, passThrough);
    }

    /** The columns that a table with these of its own carries after them. */
    public static StructType of(StructType table, StructType own) {
        return new StructType(Arrays.stream(table.fields())
                .filter(field -> !Arrays.asList(own.fieldNames()).contains(field.name()))
                .toArray(StructField[]::new));
    }
}
