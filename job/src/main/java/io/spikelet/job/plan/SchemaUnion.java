package io.spikelet.job.plan;

import io.spikelet.job.UsageException;
import io.spikelet.job.schema.FoldedName;
import java.net.URI;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The union of the columns of several files. A field that two files have must be of one type in both. */
final class SchemaUnion {
    private final String input;
    private final Map<String, String> firstFile = new HashMap<>(); // by path of the field
    private final Map<String, String> firstSpelling = new HashMap<>(); // by folded path
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
     * Adds the columns of a file, of the type {@link NullType} where it has nothing but nulls.
     *
     * @throws UsageException if they do not agree with those of another
     */
    void add(StructType columns, String file) {
        schema = struct(schema, columns, "", URI.create(file).getPath());
    }

    /** Takes the types that a file has where no file has a value. */
    void addTypesOfNulls(StructType columns) {
        schema = (StructType) NullTypes.replaced(schema, columns);
    }

    /** Notes names that differ from others in case alone. */
    private void note(String place) {
        String spelling = firstSpelling.putIfAbsent(FoldedName.of(place), place);
        if (spelling != null && !spelling.equals(place)) {
            clashes.add(spelling + " and " + place);
        }
    }

    private StructType struct(StructType known, StructType added, String path, String file) {
        Map<String, StructField> union = new LinkedHashMap<>();
        for (StructField field : known.fields()) {
            union.put(field.name(), field);
        }
        for (StructField field : added.fields()) {
            String place = path.isEmpty() ? field.name() : path + "." + field.name();
            note(place);
            StructField before = union.get(field.name());
            DataType type = merged(before == null ? null : before.dataType(), field.dataType(), place, file);
            Metadata metadata = before == null ? Metadata.empty() : before.metadata();
            union.put(field.name(), new StructField(field.name(), type, true, metadata));
        }
        return new StructType(union.values().toArray(StructField[]::new));
    }

    private DataType merged(DataType given, DataType added, String place, String file) {
        if (added instanceof NullType) {
            return given == null ? added : given;
        }
        DataType known = given instanceof NullType ? null : given;
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
