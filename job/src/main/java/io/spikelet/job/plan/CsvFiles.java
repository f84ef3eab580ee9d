package io.spikelet.job.plan;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.make_valid_utf8;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.when;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.spikelet.job.UsageException;
import io.spikelet.job.schema.ErrorClass;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Reads CSV with a header line; quoted fields may hold line breaks. Every column is a text. The columns are the union of those
 * of all files, each of which has a header of its own.
 */
final class CsvFiles {
    /** What is wrong with a record, null if nothing is. */
    private static final String FAULT = SourceColumns.PREFIX + "fault";
    /** The record, if something is wrong with it. */
    private static final String RECORD = SourceColumns.PREFIX + "record";

    private static final int EXCERPT_CHARACTERS = 120;
    private static final JsonMapper JSON = new JsonMapper();

    private final SparkSession spark;
    private final InputSpec spec;
    private final List<String> columns;

    /** @throws UsageException if there is no telling the columns from the headers */
    CsvFiles(SparkSession spark, InputFiles input, InputSpec spec) {
        this.spark = spark;
        this.spec = spec;
        Set<String> union = new LinkedHashSet<>();
        Set<String> wanted = spec.wantedColumns();
        new FileHeadings(spark, input, (file, configuration) -> heading(CsvRows.header(file, configuration)))
                .different()
                .forEach((file, heading) -> {
                    List<String> header = header(heading);
                    requireCommas(header, file);
                    List<String> names = ColumnNames.distinct(header, wanted);
                    ColumnNames.log(header, names);
                    union.addAll(names);
                });
        this.columns = union.isEmpty() ? List.of(spec.requiredColumns().fieldNames()) : List.copyOf(union);
    }

    private static String heading(List<String> header) {
        return JSON.valueToTree(header).toString(); // names may hold any character
    }

    private static List<String> header(String heading) {
        try {
            return List.of(JSON.readValue(heading, String[].class));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a heading is not what was written", e);
        }
    }

    private static void requireCommas(List<String> header, String file) {
        for (String other : List.of(";", "\t", "|")) {
            if (header.size() == 1 && header.getFirst().contains(other)) {
                throw new UsageException(URI.create(file).getPath() + " separates its fields with "
                        + (other.equals("\t") ? "tabs" : other) + "; the separator must be a comma");
            }
        }
    }

    Dataset<Row> rows(InputFiles files) {
        List<String> given = new ArrayList<>(columns);
        given.removeAll(files.partitionColumns());
        given.addAll(files.partitionColumns());
        List<String> names = ColumnNames.distinct(given, spec.wantedColumns());
        Dataset<Row> raw = spark.createDataFrame(records(files), rawType())
                .withColumn(SourceColumns.PARTITION, SourceColumns.directories(files));
        List<Column> selected = new ArrayList<>(SourceColumns.positioned());
        selected.add(col(RECORD));
        selected.add(defect().as(SourceColumns.DEFECT));
        for (int i = 0; i < names.size(); i++) {
            int place = columns.indexOf(given.get(i));
            boolean isDirectory = files.partitionColumns().contains(given.get(i));
            Column field = isDirectory
                    ? SourceColumns.partition(files, given.get(i))
                    : col("c" + place).cast(DataTypes.StringType); // as it is, valid or not
            selected.add(field.as(names.get(i)));
        }
        Dataset<Row> rows = raw.select(selected.toArray(Column[]::new));
        StructType content = new StructType(Arrays.stream(rows.schema().fields())
                .filter(field -> field.name().equals(RECORD) || !field.name().startsWith(SourceColumns.PREFIX))
                .toArray(StructField[]::new));
        return rows.withColumn(SourceColumns.CONTENT, RowContent.of(content))
                .withColumn(SourceColumns.PLACE, lit(null).cast(DataTypes.StringType))
                .drop(RECORD);
    }

    private StructType rawType() {
        StructType type = new StructType()
                .add(SourceColumns.FILE, DataTypes.StringType)
                .add(SourceColumns.BLOCK, DataTypes.LongType)
                .add(SourceColumns.ORDINAL, DataTypes.LongType)
                .add(FAULT, DataTypes.StringType)
                .add(RECORD, DataTypes.BinaryType);
        for (int i = 0; i < columns.size(); i++) {
            type = type.add("c" + i, DataTypes.BinaryType);
        }
        return type;
    }

    private JavaRDD<Row> records(InputFiles files) {
        List<String> paths =
                files.files().stream().map(InputFiles.InputFile::uri).toList();
        int partitions = Math.clamp(spark.sparkContext().defaultParallelism() * 4L, 1, paths.size());
        SerializableConfiguration configuration =
                new SerializableConfiguration(spark.sparkContext().hadoopConfiguration());
        CsvRows rows = new CsvRows(columns, spec.wantedColumns(), configuration);
        return JavaSparkContext.fromSparkContext(spark.sparkContext())
                .parallelize(paths, partitions)
                .flatMap(rows);
    }

    private static Column defect() {
        Column excerpt = substring(make_valid_utf8(col(RECORD).cast(DataTypes.StringType)), 1, EXCERPT_CHARACTERS);
        Column message = concat(col(FAULT), lit(": "), excerpt);
        return when(col(FAULT).isNotNull(), SourceColumns.defect(ErrorClass.MALFORMED_ROW, message));
    }
}
