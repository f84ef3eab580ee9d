package io.spikelet.job.plan;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.from_json;
import static org.apache.spark.sql.functions.is_valid_utf8;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.make_valid_utf8;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import io.spikelet.job.schema.ErrorClass;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Reads JSON lines. The types of the columns come from a pass over all lines; the text and the id column are read as
 * strings.
 */
final class JsonLines {
    private static final String LINE = SourceColumns.PREFIX + "line";
    private static final String FAULT = SourceColumns.PREFIX + "fault";
    private static final String PARSED = SourceColumns.PREFIX + "parsed";
    private static final int EXCERPT_CHARACTERS = 120;

    private JsonLines() {}

    static Dataset<Row> read(SparkSession spark, InputSpec spec, RowCopy copy) {
        Dataset<Row> raw = spark.read().text(spec.path());
        Set<String> partitionColumns = new TreeSet<>(Arrays.asList(raw.columns()));
        partitionColumns.remove("value");
        Dataset<Row> lines = lines(raw, partitionColumns, spec.stringColumn(), copy);
        StructType schema = schema(spark, lines, spec, partitionColumns);
        Map<String, String> options = Map.of("mode", "PERMISSIVE", "columnNameOfCorruptRecord", SourceColumns.CORRUPT);
        List<Column> columns = new ArrayList<>(List.of(
                col(SourceColumns.FILE),
                col(SourceColumns.BLOCK),
                col(SourceColumns.ORDINAL),
                content(partitionColumns).as(SourceColumns.CONTENT),
                defect().as(SourceColumns.DEFECT),
                place().as(SourceColumns.PLACE)));
        partitionColumns.forEach(name -> columns.add(SourceColumns.named(name)));
        for (String name : schema.fieldNames()) {
            if (!name.equals(SourceColumns.CORRUPT)) {
                columns.add(col(PARSED).getField(name).as(name));
            }
        }
        return lines.withColumn(PARSED, from_json(make_valid_utf8(col(LINE)), schema, options))
                .select(columns.toArray(Column[]::new));
    }

    /** The same line in two partitions makes two rows that differ. */
    private static Column content(Set<String> partitionColumns) {
        Column line = col(LINE).cast(DataTypes.BinaryType);
        if (partitionColumns.isEmpty()) {
            return line;
        }
        Column[] values = partitionColumns.stream().map(SourceColumns::named).toArray(Column[]::new);
        return concat(to_json(struct(values)).cast(DataTypes.BinaryType), line);
    }

    /** The lines with their position, and with what is wrong about each before anybody parses it. */
    private static Dataset<Row> lines(Dataset<Row> raw, Set<String> partitionColumns, String textColumn, RowCopy copy) {
        List<Column> columns = new ArrayList<>(List.of(SourceColumns.position()));
        columns.add(col("value").as(LINE));
        partitionColumns.forEach(name -> columns.add(SourceColumns.named(name)));
        UserDefinedFunction check = udf(new JsonLineCheck(textColumn), DataTypes.StringType);
        return LineNumbers.add(copy.of(raw.select(columns.toArray(Column[]::new))))
                .where(length(trim(col(LINE))).gt(0))
                .withColumn(FAULT, check.apply(make_valid_utf8(col(LINE))));
    }

    /** A line that is no JSON says nothing about the columns. */
    private static StructType schema(
            SparkSession spark, Dataset<Row> lines, InputSpec spec, Set<String> partitionColumns) {
        Dataset<String> sound = lines.where(col(FAULT).isNull().and(is_valid_utf8(col(LINE))))
                .select(col(LINE))
                .as(Encoders.STRING());
        String idColumn = spec.idColumn().orElse(InputSpec.DEFAULT_ID_COLUMN);
        StructType schema = new StructType();
        for (StructField field : spark.read().json(sound).schema().fields()) {
            boolean isKey =
                    field.name().equals(spec.stringColumn()) || field.name().equals(idColumn);
            if (!partitionColumns.contains(field.name())) {
                schema = schema.add(field.name(), isKey ? DataTypes.StringType : field.dataType());
            }
        }
        return schema.add(SourceColumns.CORRUPT, DataTypes.StringType);
    }

    private static Column defect() {
        Column corrupt = col(PARSED)
                .isNull()
                .or(col(PARSED).getField(SourceColumns.CORRUPT).isNotNull());
        Column fault = coalesce(col(FAULT), when(corrupt, lit("the line does not fit the types of the other lines")));
        return when(not(is_valid_utf8(col(LINE))), defect(ErrorClass.INVALID_UTF8, lit("the line is not UTF-8")))
                .when(fault.isNotNull(), defect(ErrorClass.MALFORMED_ROW, fault));
    }

    private static Column defect(String errorClass, Column message) {
        Column excerpt = substring(make_valid_utf8(col(LINE)), 1, EXCERPT_CHARACTERS);
        return struct(
                lit(errorClass).as("class"),
                concat(place(), lit(": "), message, lit(": "), excerpt).as("message"));
    }

    private static Column place() {
        return concat(col(SourceColumns.FILE), lit(", line "), col(LineNumbers.NUMBER));
    }
}
