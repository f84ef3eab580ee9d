package io.spikelet.job.plan;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.udf;

import io.spikelet.job.schema.Columns;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Reads formats whose rows cannot break: every one is as its schema says. */
final class PlainFiles {
    /** The only column of text, Spark's name for it. */
    static final String VALUE = "value";

    private PlainFiles() {}

    /** Every line is a row. */
    static Function<InputFiles, Dataset<Row>> text(SparkSession spark, InputSpec spec) {
        return files -> rows(files.reader(spark).text(files.paths()), files, spec);
    }

    /** Every file is a row, whose id is the path of the file below the input's own directory. */
    static Function<InputFiles, Dataset<Row>> files(SparkSession spark, InputSpec spec) {
        return files -> {
            String base = files.base().toUri().getPath();
            int skipped = base.endsWith("/") ? base.length() : base.length() + 1;
            Column path = udf((String file) -> URI.create(file).getPath().substring(skipped), DataTypes.StringType)
                    .apply(col(SourceColumns.FILE));
            Dataset<Row> texts = files.reader(spark).option("wholetext", "true").text(files.paths());
            return rows(texts, files, spec).withColumn(InputSpec.DEFAULT_ID_COLUMN, path);
        };
    }

    /** Parquet, of which every file is read with the union of the columns of all. */
    static Function<InputFiles, Dataset<Row>> parquet(SparkSession spark, InputFiles input, InputSpec spec) {
        ParquetFiles parquet = new ParquetFiles(spark, input, spec);
        return files -> {
            Dataset<Row> rows = parquet.parts(files).stream()
                    .map(part -> rows(parquet(spark, part, parquet.columns()), part.files(), spec))
                    .reduce(Dataset::union)
                    .orElseThrow();
            return withoutValues(rows, parquet.dropped());
        };
    }

    /** Rows of all columns, some of which the files do not have. */
    private static Dataset<Row> parquet(SparkSession spark, ParquetFiles.Part part, StructType columns) {
        InputFiles files = part.files();
        Dataset<Row> rows = files.reader(spark).schema(part.columns()).parquet(files.paths());
        if (part.columns().equals(columns)) {
            return rows;
        }
        List<String> clashing = List.of(part.clashing().fieldNames());
        return rows.select(Arrays.stream(columns.fields())
                .map(field -> {
                    Column column = Columns.named(field.name());
                    return clashing.contains(field.name())
                            ? NullTypes.column(
                                            column,
                                            part.clashing().apply(field.name()).dataType(),
                                            field.dataType())
                                    .as(field.name())
                            : column;
                })
                .toArray(Column[]::new));
    }

    /** Rows whose dropped columns can be named, but are not read and do not tell rows apart. */
    static Dataset<Row> withoutValues(Dataset<Row> rows, List<String> dropped) {
        for (String name : dropped) {
            rows = rows.withColumn(name, lit(null).cast(DataTypes.StringType));
        }
        return rows;
    }

    private static Dataset<Row> rows(Dataset<Row> raw, InputFiles files, InputSpec spec) {
        List<String> own = Arrays.stream(raw.columns())
                .filter(name -> !files.partitionColumns().contains(name))
                .toList();
        List<String> given = new ArrayList<>(own);
        given.addAll(files.partitionColumns());
        List<String> names = ColumnNames.distinct(given, spec.wantedColumns());
        ColumnNames.log(given, names);
        List<Column> columns = new ArrayList<>(SourceColumns.position(raw));
        for (int i = 0; i < own.size(); i++) {
            columns.add(Columns.named(own.get(i)).as(names.get(i)));
        }
        Dataset<Row> rows = files.requireAll(raw)
                .select(columns.toArray(Column[]::new))
                .withColumn(SourceColumns.PARTITION, SourceColumns.directories(files));
        for (int i = own.size(); i < given.size(); i++) {
            rows = rows.withColumn(names.get(i), SourceColumns.partition(files, given.get(i)));
        }
        return withContent(rows.drop(SourceColumns.PARTITION));
    }

    /** Rows as every reader gives them, of rows with or without a position. */
    static Dataset<Row> withContent(Dataset<Row> rows) {
        StructType input = new StructType(Arrays.stream(rows.schema().fields())
                .filter(field -> !field.name().startsWith(SourceColumns.PREFIX))
                .toArray(StructField[]::new));
        List<Column> columns = new ArrayList<>();
        Arrays.stream(rows.columns()).filter(SourceColumns.POSITION::contains).forEach(name -> columns.add(col(name)));
        columns.add(RowContent.of(input).as(SourceColumns.CONTENT));
        columns.add(lit(null).cast(InputRows.DEFECT_TYPE).as(SourceColumns.DEFECT));
        columns.add(lit(null).cast(DataTypes.StringType).as(SourceColumns.PLACE));
        for (String name : input.fieldNames()) {
            columns.add(Columns.named(name));
        }
        return rows.select(columns.toArray(Column[]::new));
    }
}
