package io.spikelet.job.plan;

import io.spikelet.job.UsageException;
import java.net.URI;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The union of the columns of several files. A field that two files have must be of one type in both. */
final class SchemaUnion {
    private final String input;
    private final Map<String, String> firstFile = new HashMap<>(); // by path of the field, in lower case
    private final Map<String, String> firstSpelling = new HashMap<>();
    private final Set<String> clashes = new TreeSet<>();
    private StructType schema = new StructType();

    /** @param input names the input in messages */
    SchemaUnion(String input) {
        this.input = input;
    }

    /** @throws UsageException if names differ in case alone */
    StructType schema() {
        if (!clashes.isEmpty()) {
            throw new UsageException(
                    "--input " + input + " has columns whose names differ in case alone, which Spark does "
                            + "not tell apart: " + InputFiles.list(List.copyOf(clashes)) + "; rename them");
        }
        return schema;
    }

    /**
     * Adds the columns of a file.
     *
     * @throws UsageException if they do not agree with those of another
     */
    void add(StructType columns, String file) {
        schema = struct(schema, columns, "", URI.create(file).getPath());
    }

    /** Adds columns that have nothing but nulls in a file, where no file has them otherwise. */
    void addNulls(StructType columns, String file) {
        Set<String> known = Set.of(schema.fieldNames());
        StructType missing = new StructType();
        for (StructField field : columns.fields()) {
            missing = known.contains(field.name()) ? missing : missing.add(field);
            note(field.name());
        }
        add(missing, file);
    }

    /** Notes names that differ from others in case alone. */
    private void note(String place) {
        String spelling = firstSpelling.putIfAbsent(place.toLowerCase(Locale.ROOT), place);
        if (spelling != null && !spelling.equals(place)) {
            clashes.add(spelling + " and " + place);
        }
    }

    private StructType struct(StructType known, StructType added, String path, String file) {
        StructType union = known;
        for (StructField field : added.fields()) {
            String place = path.isEmpty() ? field.name() : path + "." + field.name();
            note(place);
            boolean isKnown = Arrays.asList(known.fieldNames()).contains(field.name());
            DataType type =
                    merged(isKnown ? known.apply(field.name()).dataType() : null, field.dataType(), place, file);
            union = isKnown ? replaced(union, field.name(), type) : union.add(field.name(), type);
        }
        return union;
    }

    private static StructType replaced(StructType struct, String name, DataType type) {
        return new StructType(Arrays.stream(struct.fields())
                .map(field -> field.name().equals(name) ? new StructField(name, type, true, field.metadata()) : field)
                .toArray(StructField[]::new));
    }

    private DataType merged(DataType known, DataType added, String place, String file) {
        String first = firstFile.putIfAbsent(place, file);
        if (added instanceof StructType struct && (known == null || known instanceof StructType)) {
            return struct(known == null ? new StructType() : (StructType) known, struct, place, file);
        }
        if (added instanceof ArrayType array && (known == null || known instanceof ArrayType)) {
            DataType element = known == null ? null : ((ArrayType) known).elementType();
            return new ArrayType(merged(element, array.elementType(), place + ".element", file), true);
        }
        if (added instanceof MapType map && (known == null || known instanceof MapType)) {
            MapType other = (MapType) known;
            return new MapType(
                    merged(other == null ? null : other.keyType(), map.keyType(), place + ".key", file),
                    merged(other == null ? null : other.valueType(), map.valueType(), place + ".value", file),
                    true);
        }
        if (known == null || known.equals(added)) {
            return added;
        }
        throw new UsageException("--input " + input + " has the column " + place + " as " + known.simpleString()
                + " in "
                + first + " and as " + added.simpleString() + " in " + file + "; write it as one type, or leave it out "
                + "with --drop-columns");
    }
}
