package io.spikelet.job.plan;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;

import io.spikelet.job.UsageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;

/** Turns an {@link InputSpec} into rows; every format gives the same kind of row. */
public final class InputReader {
    private InputReader() {}

    /**
     * Reads the input lazily, apart from what it takes to know its columns.
     *
     * @throws UsageException if there is nothing to read, the format is unclear or a named column is missing
     */
    public static InputRows read(SparkSession spark, InputSpec spec) {
        return read(spark, spec, RowCopy.NONE);
    }

    /**
     * Reads the files of the input once, apart from what it takes to know the columns: everything else comes from the copy.
     *
     * @throws UsageException if there is nothing to read, the format is unclear or a named column is missing
     */
    public static InputRows read(SparkSession spark, InputSpec spec, RowCopy copy) {
        // A limited input is copied when it is limited.
        RowCopy ofLines = spec.limit().isPresent() ? RowCopy.NONE : copy;
        List<String> names = InputFiles.names(spec.path(), spark.sparkContext().hadoopConfiguration());
        InputFormat format = spec.format().orElseGet(() -> InputFormat.ofFiles(names, spec.path()));
        if (format == InputFormat.OPENAI_BATCH) {
            InputSpec batch = BatchFiles.spec(spec);
            Dataset<Row> requests = limited(rows(spark, batch, format, ofLines), batch);
            return prompts(kept(BatchFiles.prompts(requests), format, spec, copy), batch, batch.textColumn());
        }
        Dataset<Row> rows = rows(spark, spec, format, ofLines);
        boolean isSingle = format == InputFormat.TEXT || format == InputFormat.FILES;
        return prompts(kept(limited(rows, spec), format, spec, copy), spec, isSingle ? "value" : spec.textColumn());
    }

    /**
     * Rows that are there already, read as a Parquet file of them would be.
     *
     * @throws UsageException if a named column is missing
     */
    public static InputRows of(Dataset<Row> rows, InputSpec spec) {
        Dataset<Row> keyed = plain(rows, List.of());
        return prompts(keyed, spec, spec.textColumn());
    }

    /** Lines have been copied before anybody made rows of them, unless there is a limit. */
    private static Dataset<Row> kept(Dataset<Row> rows, InputFormat format, InputSpec spec, RowCopy copy) {
        boolean isOfLines = format == InputFormat.JSONL || format == InputFormat.OPENAI_BATCH;
        return isOfLines && spec.limit().isEmpty() ? rows : copy.of(rows);
    }

    /** The rows with the text that a model sees. */
    private static InputRows prompts(Dataset<Row> rows, InputSpec spec, String textColumn) {
        requireColumns(rows, spec, spec.requests().overrides(), "--override-columns");
        if (spec.requests().template().isEmpty()) {
            return InputRows.of(rows, checked(rows, spec, textColumn), spec);
        }
        PromptTemplate template = spec.requests().template().get();
        requireColumns(rows, spec, template.columns(), "the template");
        Dataset<Row> prompts = rows.withColumn(SourceColumns.PROMPT, template.column(rows.schema()));
        return InputRows.of(prompts, checked(prompts, spec, SourceColumns.PROMPT), spec);
    }

    /** The text column, after all columns have been looked at. */
    private static String checked(Dataset<Row> rows, InputSpec spec, String text) {
        requireDistinct(rows, spec);
        requireText(rows, spec, text);
        requireColumns(rows, spec, spec.droppedColumns(), "--drop-columns");
        spec.idColumn().ifPresent(id -> requireColumns(rows, spec, List.of(id), "--id-column"));
        return text;
    }

    private static Dataset<Row> rows(SparkSession spark, InputSpec spec, InputFormat format, RowCopy copy) {
        return switch (format) {
            case OPENAI_BATCH -> BatchFiles.read(spark, spec, copy);
            case JSONL -> JsonLines.read(spark, spec, copy);
            case CSV -> CsvFiles.read(spark, spec);
            case PARQUET -> plain(spark.read().parquet(spec.path()));
            case TEXT -> plain(spark.read().text(spec.path()));
            case FILES -> plain(spark.read().option("wholetext", "true").text(spec.path()));
        };
    }

    /** Rows whose format cannot break: every one is as its schema says. */
    private static Dataset<Row> plain(Dataset<Row> raw) {
        return plain(raw, List.of(SourceColumns.position()));
    }

    private static Dataset<Row> plain(Dataset<Row> raw, List<Column> position) {
        Column[] fields = Arrays.stream(raw.columns()).map(SourceColumns::named).toArray(Column[]::new);
        List<Column> columns = new ArrayList<>(position);
        columns.add(to_json(struct(fields)).cast(DataTypes.BinaryType).as(SourceColumns.CONTENT));
        columns.add(lit(null).cast(InputRows.DEFECT_TYPE).as(SourceColumns.DEFECT));
        columns.add(SourceColumns.noPlace());
        columns.addAll(List.of(fields));
        return raw.select(columns.toArray(Column[]::new));
    }

    private static void requireText(Dataset<Row> rows, InputSpec spec, String text) {
        if (!text.equals(SourceColumns.PROMPT)) {
            requireColumns(rows, spec, List.of(text), "the text column");
        }
        String type = rows.schema().apply(text).dataType().simpleString();
        if (!type.equals("string") && !type.equals("binary")) {
            throw new UsageException(
                    "column " + text + " of --input " + spec.path() + " is of type " + type + "; it must be a string");
        }
    }

    private static void requireColumns(Dataset<Row> rows, InputSpec spec, List<String> wanted, String option) {
        List<String> present = SourceColumns.ofInput(rows);
        for (String name : wanted) {
            if (!present.contains(name)) {
                throw new UsageException("--input " + spec.path() + " has no column " + name + " (" + option
                        + "); its columns are " + String.join(", ", present));
            }
        }
    }

    /** Spark SQL does not tell upper from lower case, so neither can the tables. */
    private static void requireDistinct(Dataset<Row> rows, InputSpec spec) {
        Set<String> seen = new HashSet<>();
        for (String name : SourceColumns.ofInput(rows)) {
            if (!seen.add(name.toLowerCase(Locale.ROOT))) {
                throw new UsageException("--input " + spec.path() + " has two columns " + name
                        + " that differ in case at most; rename one");
            }
        }
    }

    private static Dataset<Row> limited(Dataset<Row> rows, InputSpec spec) {
        if (spec.limit().isEmpty()) {
            return rows;
        }
        int limit = Math.toIntExact(Math.min(Integer.MAX_VALUE, spec.limit().getAsLong()));
        return rows.orderBy(col(SourceColumns.FILE), col(SourceColumns.BLOCK), col(SourceColumns.ORDINAL))
                .limit(limit);
    }
}
