package io.spikelet.job.plan;

import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.transform_values;
import static org.apache.spark.sql.functions.when;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Types with {@link NullType} inside, where a file has nothing but nulls and its type says nothing. */
final class NullTypes {
    private NullTypes() {}

    /** A type with those of another in the places of its null types. */
    static DataType replaced(DataType type, DataType other) {
        if (type instanceof NullType) {
            return other;
        }
        if (type instanceof StructType struct && other instanceof StructType others) {
            List<String> names = List.of(others.fieldNames());
            return new StructType(Arrays.stream(struct.fields())
                    .map(field -> names.contains(field.name())
                            ? new StructField(
                                    field.name(),
                                    replaced(
                                            field.dataType(),
                                            others.apply(field.name()).dataType()),
                                    true,
                                    field.metadata())
                            : field)
                    .toArray(StructField[]::new));
        }
        if (type instanceof ArrayType array && other instanceof ArrayType others) {
            return new ArrayType(replaced(array.elementType(), others.elementType()), true);
        }
        if (type instanceof MapType map && other instanceof MapType others) {
            return new MapType(
                    replaced(map.keyType(), others.keyType()), replaced(map.valueType(), others.valueType()), true);
        }
        return type;
    }

    /** Whether values of a type can be read as those of another, which may have more fields. */
    static boolean fits(DataType type, DataType wanted) {
        if (type instanceof StructType struct && wanted instanceof StructType others) {
            return Arrays.stream(struct.fields())
                    .allMatch(field ->
                            fits(field.dataType(), others.apply(field.name()).dataType()));
        }
        if (type instanceof ArrayType array && wanted instanceof ArrayType other) {
            return fits(array.elementType(), other.elementType());
        }
        if (type instanceof MapType map && wanted instanceof MapType other) {
            return fits(map.keyType(), other.keyType()) && fits(map.valueType(), other.valueType());
        }
        return type.equals(wanted);
    }

    /**
     * A column as one of another type.
     *
     * @param type of the column, with null types where there are nulls alone, whatever type they are read as
     * @param wanted the same with other types for the null types, and perhaps more fields
     */
    static Column column(Column column, DataType type, DataType wanted) {
        if (type instanceof NullType) {
            return lit(null).cast(wanted);
        }
        if (type instanceof StructType struct && wanted instanceof StructType others) {
            List<String> names = List.of(struct.fieldNames());
            Column[] fields = Arrays.stream(others.fields())
                    .map(field -> (names.contains(field.name())
                                    ? column(
                                            column.getField(field.name()),
                                            struct.apply(field.name()).dataType(),
                                            field.dataType())
                                    : lit(null).cast(field.dataType()))
                            .as(field.name()))
                    .toArray(Column[]::new);
            return when(column.isNotNull(), struct(fields));
        }
        if (type instanceof ArrayType array && wanted instanceof ArrayType other) {
            return transform(column, element -> column(element, array.elementType(), other.elementType()));
        }
        if (type instanceof MapType map && wanted instanceof MapType other) {
            return map.keyType() instanceof NullType // it has no entries
                    ? when(column.isNotNull(), map().cast(wanted))
                    : transform_values(column, (key, value) -> column(value, map.valueType(), other.valueType()));
        }
        return column;
    }
}
