package io.spikelet.job.report;

import io.spikelet.job.UsageException;
import io.spikelet.job.schema.Columns;
import io.spikelet.job.schema.Tables;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The tables of one result directory. */
final class RunTables {
    /** Why a table has no groups. */
    static final String NO_GROUPS =
            "No column that passed through has few enough values that repeat; name one with --group-by.";

    /** A column with more values than this makes no groups that a page has room for. */
    private static final int MOST_GROUPS = 24;

    /** Columns without which a table is not what its name says. */
    private static final Map<String, List<String>> KEYS = Map.of(
            Tables.RUNS, List.of("run_id", "command", "configuration", "model", "finished_at"),
            Tables.COMPARED_RUNS, List.of("role", "run_id", "command", "configuration"),
            Tables.COMPLETIONS, List.of("row_id", "error_class", "completion"),
            Tables.DOCUMENT_SCORES, List.of("row_id", "protocol", "error_class", "nll"),
            Tables.SUMMARY, List.of("protocol", "level", "perplexity"));

    private final Map<String, String> paths;
    private final Function<String, Dataset<Row>> reader;
    private final Map<String, Dataset<Row>> opened = new HashMap<>();

    /**
     * @param paths of the tables by name
     * @param reader opens the table at a path
     */
    RunTables(Map<String, String> paths, Function<String, Dataset<Row>> reader) {
        this.paths = Map.copyOf(paths);
        this.reader = reader;
    }

    /** @throws UsageException if it lacks a column that makes it what its name says */
    Optional<Dataset<Row>> table(String name) {
        return Optional.ofNullable(opened.computeIfAbsent(name, this::open));
    }

    /** Finding out about its columns is a Spark job. */
    private Dataset<Row> open(String name) {
        Optional<Dataset<Row>> table = Optional.ofNullable(paths.get(name)).map(reader);
        table.ifPresent(found -> KEYS.getOrDefault(name, List.of()).forEach(key -> {
            if (!has(found, key)) {
                throw new UsageException("the table " + name + " in " + paths.get(name) + " has no column " + key
                        + ", so that no run of this release wrote it; give the --output of a run as it is");
            }
        }));
        return table.orElse(null);
    }

    /** The runs, the last of them first. */
    List<Row> runs() {
        return table(Tables.RUNS)
                .map(runs -> runs.orderBy(functions.col("finished_at").desc()).collectAsList())
                .orElse(List.of());
    }

    /** Of two runs that were compared, the run and its baseline; empty if the tables are not of such. */
    List<Row> compared() {
        return table(Tables.COMPARED_RUNS)
                .map(runs ->
                        runs.orderBy(functions.col(Tables.ROLE.name()).desc()).collectAsList())
                .orElse(List.of());
    }

    static boolean has(Dataset<Row> table, String column) {
        return Arrays.asList(table.columns()).contains(column);
    }

    /**
     * The columns whose values make groups: those that are asked for, else the first of those that passed through whose
     * values are few and repeat.
     *
     * @throws UsageException if a column that is asked for is not there
     */
    static List<String> groups(Dataset<Row> table, StructType own, List<String> wanted) {
        for (String name : wanted) {
            if (!has(table, name)) {
                throw new UsageException("--group-by " + name + " is no column of the table; its columns are "
                        + String.join(", ", table.columns()));
            }
        }
        if (!wanted.isEmpty()) {
            return wanted;
        }
        Set<String> ownNames = Set.of(own.fieldNames());
        long rows = table.count();
        for (StructField field : table.schema().fields()) {
            boolean isCandidate = field.dataType() instanceof StringType
                    || field.dataType() instanceof IntegralType
                    || field.dataType() instanceof BooleanType;
            if (isCandidate && !ownNames.contains(field.name())) {
                long values = table.select(Columns.named(field.name()))
                        .distinct()
                        .limit(MOST_GROUPS + 1)
                        .count();
                if (values >= 2 && values <= MOST_GROUPS && 2 * values <= rows) {
                    return List.of(field.name());
                }
            }
        }
        return List.of();
    }

    /** Aggregates of each group, whose name is in column 0, by name. */
    static List<Row> aggregated(Dataset<Row> table, Column group, List<Column> aggregates) {
        return table.groupBy(group.as("name"))
                .agg(
                        aggregates.getFirst(),
                        aggregates.subList(1, aggregates.size()).toArray(Column[]::new))
                .orderBy("name")
                .collectAsList();
    }

    /** The columns that passed through. */
    static List<String> passedThrough(Dataset<Row> table, StructType own) {
        Set<String> ownNames = Set.of(own.fieldNames());
        return Arrays.stream(table.columns())
                .filter(name -> !ownNames.contains(name))
                .toList();
    }

    /** The values of group columns as one name. */
    static Column groupName(List<String> columns) {
        return functions.concat_ws(
                " / ",
                columns.stream()
                        .map(name -> functions.coalesce(Columns.named(name).cast("string"), functions.lit("(null)")))
                        .toArray(Column[]::new));
    }
}
