package io.spikelet.job.plan;

import static org.apache.spark.sql.functions.map_entries;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.unix_date;
import static org.apache.spark.sql.functions.unix_micros;
import static org.apache.spark.sql.functions.when;

import io.spikelet.job.schema.Columns;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.Function;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;

/**
 * A row as bytes, equal for two rows only if they have the same values under the same names, independent of the order
 * of the columns and of session settings. A null column counts as missing, so that a column can be added to an input.
 */
final class RowContent implements UDF1<Row, byte[]> {
    private static final long serialVersionUID = 1L;

    private RowContent() {}

    /** The bytes of a row of these columns. */
    static Column of(StructType schema) {
        return of(schema, Columns::named);
    }

    /** @param column gives a column of the schema by its name */
    static Column of(StructType schema, Function<String, Column> column) {
        return udf(new RowContent(), DataTypes.BinaryType).apply(struct(exact(schema, column)));
    }

    private static Column[] exact(StructType schema, Function<String, Column> column) {
        return Arrays.stream(schema.fields())
                .sorted(Comparator.comparing(StructField::name))
                .map(field ->
                        exact(column.apply(field.name()), field.dataType()).as(field.name()))
                .toArray(Column[]::new);
    }

    /** What Java would get in the session's time zone or calendar, or with characters replaced, as plain numbers and bytes. */
    private static Column exact(Column column, DataType type) {
        return switch (type) {
            case TimestampType ignored -> unix_micros(column);
            case DateType ignored -> unix_date(column);
            case StringType ignored -> column.cast(DataTypes.BinaryType);
            case ArrayType array -> transform(column, element -> exact(element, array.elementType()));
            case MapType map -> transform(map_entries(column), entry -> exact(entry, entryType(map)));
            case StructType struct -> when(column.isNotNull(), struct(exact(struct, column::getField)));
            default -> column;
        };
    }

    private static StructType entryType(MapType map) {
        return new StructType().add("key", map.keyType()).add("value", map.valueType());
    }

    @Override
    public byte[] call(Row row) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            write(new DataOutputStream(bytes), row);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, Object value) throws IOException {
        switch (value) {
            case null -> out.writeByte('0');
            case Boolean flag -> out.writeByte(flag ? 't' : 'f');
            case Byte _, Short _, Integer _, Long _ -> {
                out.writeByte('l');
                out.writeLong(((Number) value).longValue());
            }
            case Float _, Double _ -> {
                out.writeByte('d');
                out.writeLong(Double.doubleToLongBits(((Number) value).doubleValue()));
            }
            case byte[] bytes -> writeBytes(out, 's', bytes);
            case Row struct -> writeStruct(out, struct);
            case scala.collection.Seq<?> array -> {
                out.writeByte('a');
                out.writeInt(array.size());
                Object[] elements = new Object[array.size()];
                array.copyToArray(elements);
                for (Object element : elements) {
                    write(out, element);
                }
            }
            // Decimals, intervals, times and timestamps without a zone print their exact value.
            default -> writeBytes(out, 'x', value.toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void writeStruct(DataOutputStream out, Row struct) throws IOException {
        out.writeByte('r');
        String[] names = struct.schema().fieldNames();
        for (int i = 0; i < names.length; i++) {
            if (!struct.isNullAt(i)) {
                writeBytes(out, 'n', names[i].getBytes(StandardCharsets.UTF_8));
                write(out, struct.get(i));
            }
        }
        out.writeByte('.');
    }

    private static void writeBytes(DataOutputStream out, char tag, byte[] bytes) throws IOException {
        out.writeByte(tag);
        out.writeInt(bytes.length);
        out.write(bytes);
    }
}
