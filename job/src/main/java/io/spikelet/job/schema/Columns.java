package io.spikelet.job.schema;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
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

    /** A column by its name, null where rows have none of it. */
    public static Column orNull(Dataset<Row> rows, String name, DataType type) {
        return List.of(rows.columns()).contains(name)
                ? named(name)
                : lit(null).cast(type).as(name);
    }

    /** The columns of a schema. */
    public static Column[] of(StructType schema) {
        return named(List.of(schema.fieldNames()));
    }

    /** The schema of columns of texts. */
    public static StructType texts(Collection<String> names) {
        return new StructType(names.stream()
                .map(name -> DataTypes.createStructField(name, DataTypes.StringType, true))
                .toArray(StructField[]::new));
    }

    /** The fields of several schemas, one behind the other. */
    public static StructType joined(StructType... parts) {
        return new StructType(Arrays.stream(parts)
                .flatMap(part -> Arrays.stream(part.fields()))
                .toArray(StructField[]::new));
    }
}
