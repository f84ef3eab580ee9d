package io.spikelet.job.plan;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The values that a file's directories {@code column=value} below the input give its rows: unchanged texts, because
 * type inference would turn 007 into 7. Null where a file lies in no such directory.
 */
final class PartitionValues implements UDF1<String, Row> {
    private static final long serialVersionUID = 1L;
    /** How Hive writes null. */
    private static final String NULL = "__HIVE_DEFAULT_PARTITION__";

    private final List<String> columns;
    private final String base;

    PartitionValues(InputFiles files) {
        this.columns = List.copyOf(files.partitionColumns());
        this.base = files.base().toUri().getPath();
    }

    /** The columns by their names. */
    StructType columns() {
        StructType type = new StructType();
        for (String column : columns) {
            type = type.add(column, DataTypes.StringType);
        }
        return type;
    }

    /** The columns by their places, since Spark does not tell fields apart whose names differ in case alone. */
    StructType type() {
        StructType type = new StructType();
        for (int i = 0; i < columns.size(); i++) {
            type = type.add(field(i), DataTypes.StringType);
        }
        return type;
    }

    /** The name of a column in {@link #type}. */
    static String field(int place) {
        return "d" + place;
    }

    @Override
    public Row call(String file) {
        Map<String, String> values = new HashMap<>();
        String path = URI.create(file).getPath();
        for (int slash = path.lastIndexOf('/'); slash > base.length(); slash = path.lastIndexOf('/', slash - 1)) {
            String directory = path.substring(0, slash);
            String name = directory.substring(directory.lastIndexOf('/') + 1);
            if (name.indexOf('=') > 0) {
                values.putIfAbsent(column(name), value(name));
            }
        }
        return RowFactory.create(columns.stream().map(values::get).toArray());
    }

    /** The name of the column that a directory stands for. */
    static String column(String directory) {
        return unescaped(directory.substring(0, directory.indexOf('=')));
    }

    private static String value(String directory) {
        String value = directory.substring(directory.indexOf('=') + 1);
        return value.equals(NULL) ? null : unescaped(value);
    }

    /** Hive writes a character that a path cannot have as % and two hexadecimal digits. */
    private static String unescaped(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
            int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
            if (bytes[i] == '%' && high >= 0 && low >= 0) {
                out.write(high << 4 | low);
                i += 2;
            } else {
                out.write(bytes[i]);
            }
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
