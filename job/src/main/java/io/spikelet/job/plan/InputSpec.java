package io.spikelet.job.plan;

import io.spikelet.job.schema.Columns;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.spark.sql.types.StructType;

/**
 * Which rows a run reads. Immutable.
 *
 * @param path a file, a directory or, where nothing of that name exists, a glob, on any file system that Hadoop knows
 * @param format empty to tell it from the extensions
 * @param textColumn the column that the model reads; a text or files input has only one, whatever its name
 * @param idColumn the column with the row ids; empty to use {@value #DEFAULT_ID_COLUMN} where there is one
 * @param droppedColumns columns that do not pass through
 * @param limit only so many rows, the first ones in order of file name and position
 * @param requests what becomes of the rows
 */
public record InputSpec(
        String path,
        Optional<InputFormat> format,
        String textColumn,
        Optional<String> idColumn,
        List<String> droppedColumns,
        OptionalLong limit,
        RequestSpec requests) {
    /** The column that has the row ids unless another is named. */
    public static final String DEFAULT_ID_COLUMN = "id";

    public InputSpec {
        droppedColumns = List.copyOf(droppedColumns);
    }

    /** All rows of a path, as they are, in the format that the extensions say. */
    public static InputSpec of(String path, String textColumn) {
        return new InputSpec(
                path,
                Optional.empty(),
                textColumn,
                Optional.empty(),
                List.of(),
                OptionalLong.empty(),
                RequestSpec.NONE);
    }

    /** The column that must be a string: none if a template makes the text. */
    Optional<String> stringColumn() {
        return requests.template().isPresent() ? Optional.empty() : Optional.of(textColumn);
    }

    /** Names of input columns that the run asks for. */
    Set<String> wantedColumns() {
        Set<String> wanted = new LinkedHashSet<>(List.of(requiredColumns().fieldNames()));
        wanted.add(idColumn.orElse(DEFAULT_ID_COLUMN));
        return wanted;
    }

    /** The columns, all of strings, without which an input is refused: an empty one may be thought to have them. */
    StructType requiredColumns() {
        Set<String> names = new LinkedHashSet<>(
                requests.template().map(PromptTemplate::columns).orElse(List.of(textColumn)));
        names.addAll(requests.overrides());
        names.addAll(droppedColumns);
        idColumn.ifPresent(names::add);
        return Columns.texts(names);
    }

    /** The same of so many rows. */
    public InputSpec withLimit(long rows) {
        return new InputSpec(path, format, textColumn, idColumn, droppedColumns, OptionalLong.of(rows), requests);
    }

    /** The same of rows that have other columns for these. */
    InputSpec with(String text, Optional<String> id) {
        return new InputSpec(path, format, text, id, droppedColumns, limit, requests);
    }
}
