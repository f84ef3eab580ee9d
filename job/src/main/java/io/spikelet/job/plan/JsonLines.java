package io.spikelet.job.plan;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.is_valid_utf8;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.make_valid_utf8;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.udf;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads JSON lines. The types of the columns come from a pass over all lines; the text and the id column are read as
 * strings.
 */
final class JsonLines {
    private static final Logger LOG = LoggerFactory.getLogger(JsonLines.class);
    private static final String PARSED = SourceColumns.PREFIX + "parsed";
    /** A JSON object of the columns that are too many to be columns. */
    private static final String OTHERS = "other_columns";

    private static final int EXCERPT_CHARACTERS = 120;

    private final LineFiles lines;
    private final InputFiles input;
    private final InputSpec spec;
    private final StructType types; // by the names in the lines
    private final boolean isWide;
    private final List<String> names; // of the input's columns: those of directories, those of lines

    /** Finds out about the columns, in a pass over all lines. */
    JsonLines(LineFiles lines, InputFiles input, InputSpec spec) {
        this.lines = lines;
        this.input = input;
        this.spec = spec;
        JsonColumns found = columns();
        this.types = types(found);
        this.isWide = found.isWide();
        List<String> given = new ArrayList<>(input.partitionColumns());
        given.addAll(List.of(types.fieldNames()));
        given.addAll(isWide ? List.of(OTHERS) : List.of());
        this.names = ColumnNames.distinct(given, spec.wantedColumns());
        ColumnNames.log(given, names);
    }

    Dataset<Row> rows(InputFiles files) {
        JsonLineParser parser =
                new JsonLineParser(check(), types, new HashSet<>(spec.requests().overrides()), isWide);
        List<Column> columns = new ArrayList<>(SourceColumns.positioned());
        columns.add(content().as(SourceColumns.CONTENT));
        Column excerpt = substring(make_valid_utf8(col(SourceColumns.LINE)), 1, EXCERPT_CHARACTERS);
        columns.add(LineFiles.defect(col(PARSED).getField("fault"), lit(": "), excerpt));
        columns.add(col(SourceColumns.PLACE));
        if (!spec.requests().overrides().isEmpty()) {
            columns.add(col(PARSED).getField("overrides").as(InputRows.OVERRIDES));
        }
        int place = 0;
        for (String partition : input.partitionColumns()) {
            columns.add(SourceColumns.partition(input, partition).as(names.get(place++)));
        }
        for (int i = 0; i < types.size(); i++) {
            columns.add(col(PARSED).getField("c" + i).as(names.get(place++)));
        }
        if (isWide) {
            columns.add(col(PARSED).getField("others").as(names.get(place)));
        }
        return lines.read(files)
                .withColumn(PARSED, udf(parser, parser.type()).apply(make_valid_utf8(col(SourceColumns.LINE))))
                .select(columns.toArray(Column[]::new));
    }

    private JsonLineCheck check() {
        return new JsonLineCheck(spec.stringColumn().orElse(null));
    }

    /** A line that is no JSON says nothing about the columns. */
    private JsonColumns columns() {
        Set<String> wanted = new HashSet<>(spec.wantedColumns());
        JsonLineCheck check = check();
        return lines.read(input)
                .where(col(LineFiles.LENGTH).isNull().and(is_valid_utf8(col(SourceColumns.LINE))))
                .select(col(SourceColumns.LINE))
                .as(Encoders.STRING())
                .toJavaRDD()
                .filter(line -> check.call(line) == null)
                .aggregate(new JsonColumns(wanted), JsonColumns::add, JsonColumns::merge);
    }

    /** Where all lines are faulty, or there are none, there are the columns that the run asks for. */
    private StructType types(JsonColumns found) {
        Set<String> keys = new HashSet<>(Set.of(spec.idColumn().orElse(InputSpec.DEFAULT_ID_COLUMN)));
        spec.stringColumn().ifPresent(keys::add);
        List<String> asText = new ArrayList<>();
        StructType types = new StructType();
        for (Map.Entry<String, JsonShape> column : found.shapes().entrySet()) {
            String name = column.getKey();
            if (input.partitionColumns().contains(name)) {
                continue;
            }
            DataType type = keys.contains(name)
                    ? DataTypes.StringType
                    : column.getValue().type();
            if (!keys.contains(name) && column.getValue().hasText()) {
                asText.add(name);
            }
            types = types.add(name, type);
        }
        if (!asText.isEmpty()) {
            LOG.warn(
                    "values stay JSON text, since they have too many levels or fields or names that differ in case alone, in: {}",
                    InputFiles.list(asText));
        }
        if (found.isWide()) {
            LOG.warn(
                    "the lines have more than {} columns; those that are not requested are in {}",
                    JsonShape.MOST_FIELDS,
                    OTHERS);
        }
        return found.shapes().isEmpty() && !found.isWide() ? spec.requiredColumns() : types;
    }

    /** The same line in two partitions makes two rows that differ. */
    private Column content() {
        Column line = concat(
                        col(SourceColumns.LINE), coalesce(col(LineFiles.LENGTH).cast(DataTypes.StringType), lit("")))
                .cast(DataTypes.BinaryType);
        return input.partitionColumns().isEmpty()
                ? line
                : concat(
                        RowContent.of(
                                new PartitionValues(input).columns(), name -> SourceColumns.partition(input, name)),
                        line);
    }
}
