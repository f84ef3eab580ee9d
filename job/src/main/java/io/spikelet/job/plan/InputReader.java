package io.spikelet.job.plan;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import io.spikelet.job.UsageException;
import io.spikelet.job.schema.ErrorClass;
import io.spikelet.job.schema.FoldedName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Turns an {@link InputSpec} into rows; every format gives the same kind of row. */
public final class InputReader {
    private InputReader() {}

    /**
     * Reads the input lazily, apart from what it takes to know its columns.
     *
     * @throws UsageException if there is nothing to read, the format is unclear or a named column is missing
     */
    public static InputRows read(SparkSession spark, InputSpec spec) {
        return read(spark, spec, UnaryOperator.identity());
    }

    /**
     * Reads the files of the input once, apart from what it takes to know the columns: everything else comes from the copy.
     *
     * @param copy brings the rows of a scan to a place where they stay. Spark splits files differently in every query,
     *     depending on the cores available at that moment, so that two scans agree on rows but not on how they are numbered.
     * @throws UsageException if there is nothing to read, the format is unclear or a named column is missing
     */
    public static InputRows read(SparkSession spark, InputSpec given, UnaryOperator<Dataset<Row>> copy) {
        Configuration configuration = spark.sparkContext().hadoopConfiguration();
        InputFiles input = InputFiles.find(given.path(), configuration);
        InputFormat format = given.format().orElseGet(input::format);
        FileSignature.check(spark, input, format);
        InputSpec spec = spec(given, format);
        // Lines are copied before anybody makes rows of them, but a limited input when it is limited.
        boolean copiesLines = format.isOfLines() && spec.limit().isEmpty();
        LineFiles lines = new LineFiles(spark, input, copiesLines ? copy : UnaryOperator.identity());
        Dataset<Row> limited = limited(source(spark, lines, input, spec, format), input, spec);
        Dataset<Row> rows = format == InputFormat.OPENAI_BATCH ? BatchFiles.prompts(limited) : limited;
        return prompts(copiesLines ? rows : copy.apply(rows), spec, format);
    }

    /**
     * Rows that are there already, read as a Parquet file of them would be.
     *
     * @throws UsageException if a named column is missing
     */
    public static InputRows of(Dataset<Row> rows, InputSpec spec) {
        requireDistinct(rows, spec);
        List<String> dropped = SourceColumns.ofInput(rows).stream()
                .filter(spec.droppedColumns()::contains)
                .toList();
        return prompts(PlainFiles.withContent(PlainFiles.withoutValues(rows, dropped)), spec, InputFormat.PARQUET);
    }

    /** The input with the columns that a format has whatever the user says. */
    private static InputSpec spec(InputSpec given, InputFormat format) {
        return switch (format) {
            case OPENAI_BATCH -> BatchFiles.spec(given);
            case TEXT, FILES ->
                given.requests().template().isPresent() ? given : given.with(PlainFiles.VALUE, given.idColumn());
            default -> given;
        };
    }

    /**
     * Reads some of the input's files lazily: {@link SourceColumns#position}, {@link SourceColumns#CONTENT}, {@link
     * SourceColumns#DEFECT}, {@link SourceColumns#PLACE} and the input's columns.
     */
    private static Function<InputFiles, Dataset<Row>> source(
            SparkSession spark, LineFiles lines, InputFiles input, InputSpec spec, InputFormat format) {
        return switch (format) {
            case OPENAI_BATCH -> new BatchFiles(lines, input)::rows;
            case JSONL -> new JsonLines(lines, input, spec)::rows;
            case CSV -> new CsvFiles(spark, input, spec)::rows;
            case PARQUET -> PlainFiles.parquet(spark, input, spec);
            case TEXT -> PlainFiles.text(spark, spec);
            case FILES -> PlainFiles.files(spark, spec);
        };
    }

    /** The rows with what they say about their completions and with the text that a model sees. */
    private static InputRows prompts(Dataset<Row> given, InputSpec spec, InputFormat format) {
        List<String> overrides = spec.requests().overrides();
        requireColumns(given, spec, overrides, "--override-columns");
        boolean isSaid = overrides.isEmpty() || List.of(given.columns()).contains(InputRows.OVERRIDES);
        Dataset<Row> rows = isSaid
                ? given
                : given.withColumn(InputRows.OVERRIDES, OverrideColumns.json(overrides, format == InputFormat.CSV));
        if (spec.requests().template().isEmpty()) {
            return InputRows.of(rows, checked(rows, spec, spec.textColumn()), spec);
        }
        PromptTemplate template = spec.requests().template().get();
        requireColumns(rows, spec, template.columns(), "the template");
        Column isNull = concat(lit("column "), template.firstNull(), lit(" of the template is null"));
        Dataset<Row> prompts = rows.withColumn(SourceColumns.PROMPT, template.column(rows.schema()))
                .withColumn(
                        SourceColumns.DEFECT,
                        coalesce(
                                col(SourceColumns.DEFECT),
                                when(isNull.isNotNull(), SourceColumns.defect(ErrorClass.NULL_INPUT, isNull))));
        return InputRows.of(prompts, checked(prompts, spec, SourceColumns.PROMPT), spec);
    }

    /** The text column, after all columns have been looked at. */
    private static String checked(Dataset<Row> rows, InputSpec spec, String text) {
        requireText(rows, spec, text);
        requireColumns(rows, spec, spec.droppedColumns(), "--drop-columns");
        spec.idColumn().ifPresent(id -> requireColumns(rows, spec, List.of(id), "--id-column"));
        return text;
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
        Map<String, List<String>> byName = SourceColumns.ofInput(rows).stream()
                .collect(Collectors.groupingBy(FoldedName::of, TreeMap::new, Collectors.toList()));
        byName.values().removeIf(names -> names.size() == 1);
        if (!byName.isEmpty()) {
            String clashes = byName.values().stream()
                    .map(names -> String.join(" and ", names))
                    .collect(Collectors.joining("; "));
            throw new UsageException("--input " + spec.path() + " has columns whose names differ in case at most: "
                    + clashes + "; rename them");
        }
    }

    /**
     * The first rows in order of file and position. A file is read to the last row that is wanted of it, and no task holds
     * more than one row at a time.
     */
    private static Dataset<Row> limited(Function<InputFiles, Dataset<Row>> source, InputFiles input, InputSpec spec) {
        if (spec.limit().isEmpty()) {
            return source.apply(input);
        }
        long left = spec.limit().getAsLong();
        List<InputFiles.InputFile> all = input.files();
        int files = all.size();
        for (int from = 0, step = 1; files > 1 && from < files; from += step, step *= 2) {
            int to = Math.min(files, from + step);
            Map<String, Long> counts = counts(source.apply(input.only(all.subList(from, to))));
            for (int i = from; i < to; i++) {
                long rows = counts.getOrDefault(InputFiles.key(all.get(i).uri()), 0L);
                if (rows >= left) {
                    Dataset<Row> last = first(source.apply(input.only(all.subList(i, i + 1))), left);
                    return i == 0
                            ? last
                            : source.apply(input.only(all.subList(0, i))).union(last);
                }
                left -= rows;
            }
        }
        return files > 1 ? source.apply(input) : first(source.apply(input), left);
    }

    private static Map<String, Long> counts(Dataset<Row> rows) {
        Map<String, Long> counts = new HashMap<>();
        rows.groupBy(SourceColumns.FILE)
                .count()
                .collectAsList()
                .forEach(row -> counts.put(InputFiles.key(row.getString(0)), row.getLong(1)));
        return counts;
    }

    /** Of one file, whose blocks one task reads one after the other. */
    private static Dataset<Row> first(Dataset<Row> file, long rows) {
        return file.coalesce(1).limit(Math.toIntExact(Math.min(Integer.MAX_VALUE, rows)));
    }
}
