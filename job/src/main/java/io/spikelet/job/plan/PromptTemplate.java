package io.spikelet.job.plan;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.when;

import io.spikelet.job.UsageException;
import io.spikelet.job.schema.Columns;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructType;

/**
 * A prompt with the names of input columns in braces, such as {@code Q: {question}\nA:}; doubled braces are braces. A
 * column is inserted as Spark casts it to a string, a timestamp in UTC; arrays, maps and structs as JSON. Immutable.
 *
 * @param text as the user wrote it
 */
public record PromptTemplate(String text, List<Part> parts) {
    /** Whatever the session's settings are. */
    static final Map<String, String> JSON_OPTIONS = Map.of(
            "ignoreNullFields",
            "true",
            "timeZone",
            "UTC",
            "timestampFormat",
            "yyyy-MM-dd'T'HH:mm:ss[.SSSSSS]XXX",
            "timestampNTZFormat",
            "yyyy-MM-dd'T'HH:mm:ss[.SSSSSS]");

    /**
     * A piece of a template.
     *
     * @param text characters, or the name of a column
     */
    record Part(boolean isColumn, String text) {}

    /**
     * Reads a template.
     *
     * @throws UsageException if its braces do not match or it names no column
     */
    public static PromptTemplate parse(String text) {
        List<Part> parts = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c == '{' || c == '}') && i + 1 < text.length() && text.charAt(i + 1) == c) {
                literal.append(c);
                i++;
            } else if (c == '{') {
                int end = text.indexOf('}', i);
                String name = end < 0 ? "" : text.substring(i + 1, end);
                if (name.isEmpty() || name.indexOf('{') >= 0) {
                    throw new UsageException("the template has a { at character " + (i + 1)
                            + " without a column name and a }; write {{ for a brace");
                }
                parts.add(new Part(false, literal.toString()));
                parts.add(new Part(true, name));
                literal.setLength(0);
                i = end;
            } else if (c == '}') {
                throw new UsageException(
                        "the template has a } at character " + (i + 1) + " without a {; write }} for a brace");
            } else {
                literal.append(c);
            }
        }
        parts.add(new Part(false, literal.toString()));
        PromptTemplate template = new PromptTemplate(text, List.copyOf(parts));
        if (template.columns().isEmpty()) {
            throw new UsageException(
                    "the template names no column, so that all prompts would be the same; write one in "
                            + "braces, such as {question}");
        }
        return template;
    }

    /** The columns that it names. */
    List<String> columns() {
        return parts.stream().filter(Part::isColumn).map(Part::text).distinct().toList();
    }

    /** The prompt of a row; null where one of the columns is. */
    Column column(StructType input) {
        return concat(parts.stream()
                .map(part -> part.isColumn() ? text(input, part.text()) : lit(part.text()))
                .toArray(Column[]::new));
    }

    /** The name of the first column that is null in a row; null where none is. */
    Column firstNull() {
        return coalesce(columns().stream()
                .map(name -> when(Columns.named(name).isNull(), lit(name)))
                .toArray(Column[]::new));
    }

    private static Column text(StructType input, String name) {
        DataType type = input.apply(name).dataType();
        Column column = Columns.named(name);
        boolean isNested = type instanceof StructType || type instanceof ArrayType || type instanceof MapType;
        return isNested ? to_json(column, JSON_OPTIONS) : SourceColumns.text(column, type);
    }
}
