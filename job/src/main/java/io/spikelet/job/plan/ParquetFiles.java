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
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.util.TypeUtils;
import org.apache.spark.sql.execution.datasources.parquet.ParquetToSparkSchemaConverter;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The columns of Parquet files: the union of those of all; a column has one type in all of them. A column that has nothing
 * but nulls in a file says nothing about its type, since writers choose one for it.
 */
final class ParquetFiles {
    private static final int TYPE_CHARACTERS = 200;
    private static final String UNKNOWN = "spark.sql.parquet.reader.respectUnknownTypeAnnotation.enabled";

    private final SparkSession spark;
    private final InputFiles input;
    private final SQLConf physical;
    private final SQLConf annotated; // UNKNOWN is the null type
    private final StructType columns;
    private final List<String> dropped;
    private final Map<String, StructType> clashing = new HashMap<>(); // columns by what the heading says
    private final Map<String, StructType> readTypes = new HashMap<>(); // likewise all columns

    /**
     * Reads the schemas of all files.
     *
     * @throws UsageException if files disagree on a type, or Spark cannot read a column that is not dropped
     */
    ParquetFiles(SparkSession spark, InputFiles input, InputSpec spec) {
        this.spark = spark;
        this.input = input;
        this.physical = settings(false);
        this.annotated = settings(true);
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
        headings.forEach((file, heading) -> {
            clashing.put(heading.text(), clashing(heading, file));
            readTypes.put(heading.text(), types(heading.schema(), file, physical));
        });
    }

    /**
     * Some of the files.
     *
     * @param columns to read, with the types that these files have
     * @param clashing columns that these files have as another type than {@link #columns()}, with null types where that is
     */
    record Part(InputFiles files, StructType columns, StructType clashing) {}

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
        if (clashing.values().stream().allMatch(StructType::isEmpty)) {
            return List.of(new Part(files, columns, new StructType()));
        }
        Map<String, String> texts = new FileHeadings(spark, files, ParquetHeading::text).ofEach();
        Map<List<StructType>, List<InputFiles.InputFile>> byTypes = new LinkedHashMap<>();
        for (InputFiles.InputFile file : files.files()) {
            String text = texts.getOrDefault(file.uri(), "");
            StructType clash = clashing.getOrDefault(text, new StructType());
            byTypes.computeIfAbsent(
                            List.of(columnsToRead(clash, readTypes.get(text)), clash), added -> new ArrayList<>())
                    .add(file);
        }
        List<Part> parts = new ArrayList<>();
        byTypes.forEach((types, some) -> parts.add(new Part(files.only(some), types.getFirst(), types.getLast())));
        return parts;
    }

    /** Of columns that clash the type of the file, and none where a column has nulls alone. */
    private StructType columnsToRead(StructType clash, StructType types) {
        List<String> others = List.of(clash.fieldNames());
        StructType read = new StructType();
        for (StructField field : columns.fields()) {
            boolean clashes = others.contains(field.name());
            if (!clashes) {
                read = read.add(field);
            } else if (!(clash.apply(field.name()).dataType() instanceof NullType)) {
                read = read.add(types.apply(field.name()));
            }
        }
        return read;
    }

    /** Columns that the file has as a type that does not fit, because of nulls. */
    private StructType clashing(ParquetHeading heading, String file) {
        StructType types = types(heading.schema(), file, physical);
        StructType valued = types(heading.valued(), file, annotated);
        return new StructType(Arrays.stream(valued.fields())
                .filter(field -> !NullTypes.fits(
                        types.apply(field.name()).dataType(),
                        columns.apply(field.name()).dataType()))
                .toArray(StructField[]::new));
    }

    private StructType union(Map<String, ParquetHeading> headings) {
        SchemaUnion union = new SchemaUnion(input.input());
        headings.forEach((file, heading) -> types(heading.schema(), file, physical)); // all can be read
        headings.forEach((file, heading) -> union.add(types(heading.valued(), file, annotated), file));
        headings.forEach((file, heading) -> union.addTypesOfNulls(types(heading.schema(), file, physical)));
        return union.schema();
    }

    /** The types that Spark reads the columns as that are not dropped. */
    private StructType types(MessageType schema, String file, SQLConf conf) {
        StructType types = new StructType();
        for (Type field : schema.getFields()) {
            if (!dropped.contains(field.getName())) {
                types = types.add(field.getName(), readable(field, conf).orElseThrow(() -> unreadable(field, file)));
            }
        }
        return types;
    }

    /** What Spark reads a column as, if it can. */
    private static Optional<DataType> readable(Type field, SQLConf conf) {
        try {
            DataType type = new ParquetToSparkSchemaConverter(conf)
                    .convert(new MessageType("row", field))
                    .apply(0)
                    .dataType();
            TypeUtils.failUnsupportedDataType(type, conf); // TIME
            return Optional.of(type);
        } catch (Exception e) { // Scala throws checked exceptions that no signature shows
            return Optional.empty();
        }
    }

    /** The session's settings with one about the type UNKNOWN, which a column of nulls may have. */
    private SQLConf settings(boolean respectsUnknown) {
        SQLConf conf = spark.sessionState().conf().clone();
        conf.setConfString(UNKNOWN, String.valueOf(respectsUnknown));
        return conf;
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
