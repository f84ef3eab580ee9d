package io.spikelet.job.plan;

import io.spikelet.job.schema.Columns;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.StructType;

/**
 * The values that a file's directories {@code column=value} below the input give its rows: unchanged texts, because
 * type inference would turn 007 into 7. Null where a file lies in no such directory.
 */
final class PartitionValues implements UDF1<String, Row> {
    private static final long serialVersionUID = 1L;
    /** How Hive writes null. */
    private static final String NULL = "__HIVE_DEFAULT_PARTITION__";
    /** How Hive writes characters that a path cannot have. */
    private static final Pattern ESCAPED = Pattern.compile("(%[0-9A-Fa-f]{2})+");

    private final List<String> columns;
    private final String base;

    PartitionValues(InputFiles files) {
        this.columns = List.copyOf(files.partitionColumns());
        this.base = files.base().toUri().getPath();
    }

    /** The columns by their names. */
    StructType columns() {
        return Columns.texts(columns);
    }

    /** The columns by their places, since Spark does not tell fields apart whose names differ in case alone. */
    StructType type() {
        return Columns.texts(IntStream.range(0, columns.size())
                .mapToObj(PartitionValues::field)
                .toList());
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

    private static String unescaped(String text) {
        return ESCAPED.matcher(text).replaceAll(escaped -> {
            byte[] bytes = HexFormat.of().parseHex(escaped.group().replace("%", ""));
            return Matcher.quoteReplacement(new String(bytes, StandardCharsets.UTF_8));
        });
    }
}
