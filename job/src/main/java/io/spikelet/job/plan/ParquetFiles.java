package io.spikelet.job.plan;

import io.spikelet.job.UsageException;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.datasources.parquet.ParquetToSparkSchemaConverter;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** The columns of Parquet files: the union of those of all; a column has one type in all of them. */
final class ParquetFiles {
    private static final int TYPE_CHARACTERS = 200;

    private final SparkSession spark;
    private final InputFiles input;
    private final Map<String, MessageType> schemas;
    private final StructType columns;
    private final List<String> dropped;

    /**
     * Reads the schemas of all files.
     *
     * @throws UsageException if files disagree on a type, or Spark cannot read a column that is not dropped
     */
    ParquetFiles(SparkSession spark, InputFiles input, InputSpec spec) {
        this.spark = spark;
        this.input = input;
        this.schemas = schemas();
        this.columns = schemas.isEmpty() ? spec.requiredColumns() : union(spec.droppedColumns());
        this.dropped = spec.droppedColumns().stream()
                .filter(name -> schemas.values().stream().anyMatch(schema -> schema.containsField(name)))
                .toList();
    }

    /** The columns that are not dropped. */
    StructType columns() {
        return columns;
    }

    /** Dropped columns that exist. */
    List<String> dropped() {
        return dropped;
    }

    private StructType union(List<String> without) {
        SchemaUnion union = new SchemaUnion(input.input());
        schemas.forEach((file, message) -> {
            StructType schema = new StructType();
            for (Type field : message.getFields()) {
                schema = without.contains(field.getName()) ? schema : schema.add(field.getName(), type(field, file));
            }
            union.add(schema, file);
        });
        return union.schema();
    }

    /** The schemas that there are, each by the first file that has it. */
    private Map<String, MessageType> schemas() {
        Configuration configuration = spark.sparkContext().hadoopConfiguration();
        Map<String, MessageType> schemas = new TreeMap<>();
        input.headings(spark, (file, executors) -> message(file, executors).toString())
                .keySet()
                .forEach(file -> schemas.put(file, message(file, configuration)));
        return schemas;
    }

    private static MessageType message(String file, Configuration configuration) {
        Path path = new Path(URI.create(file));
        try (ParquetFileReader reader = ParquetFileReader.open(HadoopInputFile.fromPath(path, configuration))) {
            return reader.getFileMetaData().getSchema();
        } catch (IOException | RuntimeException e) {
            throw new UsageException("cannot read " + path.toUri().getPath() + " as Parquet: " + e.getMessage(), e);
        }
    }

    private DataType type(Type field, String file) {
        try {
            return new ParquetToSparkSchemaConverter(spark.sessionState().conf())
                    .convert(new MessageType("row", field))
                    .apply(0)
                    .dataType();
        } catch (Exception e) { // Scala throws checked exceptions that no signature shows
            String type = field.toString().replaceAll("\\s+", " ");
            String shown = type.length() > TYPE_CHARACTERS ? type.substring(0, TYPE_CHARACTERS) + " …" : type;
            throw new UsageException(
                    "column " + field.getName() + " of " + URI.create(file).getPath() + " is \""
                            + shown.strip().toLowerCase(Locale.ROOT)
                            + "\" in Parquet, which Spark cannot read; leave it out with --drop-columns "
                            + field.getName() + ", or write it as another type",
                    e);
        }
    }
}
