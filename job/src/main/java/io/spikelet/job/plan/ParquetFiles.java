package io.spikelet.job.plan;

import io.spikelet.job.UsageException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.util.TypeUtils;
import org.apache.spark.sql.execution.datasources.parquet.ParquetToSparkSchemaConverter;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The columns of Parquet files: the union of those of all; a column has one type in all of them. A column that has nothing
 * but nulls in a file says nothing about its type, since writers choose one for it.
 */
final class ParquetFiles {
    private static final int TYPE_CHARACTERS = 200;

    private final SparkSession spark;
    private final InputFiles input;
    private final StructType columns;
    private final List<String> dropped;
    private final Map<String, Set<String>> clashing = new HashMap<>(); // columns by what the heading says

    /**
     * Reads the schemas of all files.
     *
     * @throws UsageException if files disagree on a type, or Spark cannot read a column that is not dropped
     */
    ParquetFiles(SparkSession spark, InputFiles input, InputSpec spec) {
        this.spark = spark;
        this.input = input;
        Configuration configuration = spark.sparkContext().hadoopConfiguration();
        Map<String, ParquetHeading> headings = new TreeMap<>();
        new FileHeadings(spark, input, ParquetHeading::text)
                .different()
                .keySet()
                .forEach(file -> headings.put(file, ParquetHeading.read(file, configuration)));
        this.dropped = spec.droppedColumns().stream()
                .filter(name -> headings.values().stream()
                        .anyMatch(heading -> heading.schema().containsField(name)))
                .toList();
        this.columns = headings.isEmpty() ? spec.requiredColumns() : union(headings);
        headings.values().forEach(heading -> clashing.put(heading.text(), clashing(heading)));
    }

    /**
     * Some of the files with the columns that are in them.
     *
     * @param columns without those that have nulls alone and another type
     */
    record Part(InputFiles files, StructType columns) {}

    /** The columns that are not dropped. */
    StructType columns() {
        return columns;
    }

    /** Dropped columns that exist. */
    List<String> dropped() {
        return dropped;
    }

    /** Files that are read together. */
    List<Part> parts(InputFiles files) {
        if (clashing.values().stream().allMatch(Set::isEmpty)) {
            return List.of(new Part(files, columns));
        }
        Map<String, String> headings = new FileHeadings(spark, files, ParquetHeading::text).ofEach();
        Map<Set<String>, List<InputFiles.InputFile>> byClash = new LinkedHashMap<>();
        for (InputFiles.InputFile file : files.files()) {
            Set<String> left = clashing.getOrDefault(headings.getOrDefault(file.uri(), ""), Set.of());
            byClash.computeIfAbsent(left, added -> new ArrayList<>()).add(file);
        }
        List<Part> parts = new ArrayList<>();
        byClash.forEach((left, some) -> parts.add(new Part(
                files.only(some),
                new StructType(Arrays.stream(columns.fields())
                        .filter(field -> !left.contains(field.name()))
                        .toArray(StructField[]::new)))));
        return parts;
    }

    /** Columns of nulls alone that the file has as another type. */
    private Set<String> clashing(ParquetHeading heading) {
        Set<String> names = new TreeSet<>();
        for (String name : heading.nullColumns()) {
            if (!dropped.contains(name)
                    && !readable(heading.schema().getType(name))
                            .equals(Optional.of(columns.apply(name).dataType()))) {
                names.add(name);
            }
        }
        return names;
    }

    private StructType union(Map<String, ParquetHeading> headings) {
        SchemaUnion union = new SchemaUnion(input.input());
        headings.forEach((file, heading) -> union.add(schema(heading, file, false), file));
        headings.forEach((file, heading) -> union.addNulls(schema(heading, file, true), file));
        return union.schema();
    }

    /** The columns of a file that have values, or those that have none. */
    private StructType schema(ParquetHeading heading, String file, boolean isNull) {
        StructType schema = new StructType();
        for (Type field : heading.schema().getFields()) {
            String name = field.getName();
            if (!dropped.contains(name) && heading.nullColumns().contains(name) == isNull) {
                DataType type = readable(field).orElseThrow(() -> unreadable(field, file));
                schema = schema.add(name, type);
            }
        }
        return schema;
    }

    /** What Spark reads a column as, if it can. */
    private Optional<DataType> readable(Type field) {
        try {
            DataType type = new ParquetToSparkSchemaConverter(
                            spark.sessionState().conf())
                    .convert(new MessageType("row", field))
                    .apply(0)
                    .dataType();
            TypeUtils.failUnsupportedDataType(type, spark.sessionState().conf()); // TIME
            return Optional.of(type);
        } catch (Exception e) { // Scala throws checked exceptions that no signature shows
            return Optional.empty();
        }
    }

    private static UsageException unreadable(Type field, String file) {
        String type = field.toString().replaceAll("\\s+", " ");
        String shown = type.length() > TYPE_CHARACTERS ? type.substring(0, TYPE_CHARACTERS) + " …" : type;
        return new UsageException("column " + field.getName() + " of "
                + URI.create(file).getPath() + " is \""
                + shown.strip().toLowerCase(Locale.ROOT)
                + "\" in Parquet, which Spark cannot read; leave it out with --drop-columns "
                + field.getName() + ", or write it as another type");
    }
}
