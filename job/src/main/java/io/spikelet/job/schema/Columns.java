package io.spikelet.job.schema;

import static org.apache.spark.sql.functions.col;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Columns by their exact names, which may hold dots and backticks, and schemas of several parts. */
public final class Columns {
    private Columns() {}

    /** A name as SQL takes it. */
    public static String quoted(String name) {
        return '`' + name.replace("`", "``") + '`';
    }

    /** A column by its name. */
    public static Column named(String name) {
        return col(quoted(name));
    }

    /** Columns by their names. */
    public static Column[] named(Collection<String> names) {
        return names.stream().map(Columns::named).toArray(Column[]::new);
    }

    /** The columns of a schema. */
    public static Column[] of(StructType schema) {
        return named(List.of(schema.fieldNames()));
    }

    /** The fields of several schemas, one behind the other. */
    public static StructType joined(StructType... parts) {
        return new StructType(Arrays.stream(parts)
                .flatMap(part -> Arrays.stream(part.fields()))
                .toArray(StructField[]::new));
    }
}
