package io.spikelet.job.plan;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.is_valid_utf8;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.ltrim;
import static org.apache.spark.sql.functions.make_valid_utf8;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.octet_length;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.when;

import io.spikelet.job.schema.ErrorClass;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Reads files line by line, for formats with a record a line. */
final class LineFiles {
    /** The bytes of a line that is too long, of which {@link SourceColumns#LINE} is the beginning; null for all others. */
    static final String LENGTH = SourceColumns.PREFIX + "line_bytes";

    /** Most bytes of a line: what becomes of one takes a dozen times the memory. */
    static final int MOST_BYTES = CsvRecords.MOST_BYTES;

    private static final int SHOWN_CHARACTERS = 1000;

    private final SparkSession spark;
    private final InputFiles input;
    private final UnaryOperator<Dataset<Row>> copy;
    private Dataset<Row> all;

    /** @param copy what is done with all lines of the input; parts of it are scanned as they are */
    LineFiles(SparkSession spark, InputFiles input, UnaryOperator<Dataset<Row>> copy) {
        this.spark = spark;
        this.input = input;
        this.copy = copy;
    }

    /**
     * The lines that are not blank: position, {@link SourceColumns#LINE}, {@link SourceColumns#PLACE}, {@link
     * LineNumbers#NUMBER} and what directories say.
     */
    Dataset<Row> read(InputFiles files) {
        if (!files.equals(input)) {
            return numbered(scan(files));
        }
        if (all == null) {
            all = numbered(copy.apply(scan(input)));
        }
        return all;
    }

    /**
     * What is wrong with a line, as {@link SourceColumns#DEFECT}.
     *
     * @param fault that its parser has found; null if none
     * @param end of the message
     */
    static Column defect(Column fault, Column... end) {
        Column tooLong = concat(lit("the line has "), col(LENGTH), lit(" bytes; it may have " + MOST_BYTES));
        return when(col(LENGTH).isNotNull(), defect(ErrorClass.MALFORMED_ROW, tooLong, end))
                .when(
                        not(is_valid_utf8(col(SourceColumns.LINE))),
                        defect(ErrorClass.INVALID_UTF8, lit("the line is not UTF-8"), end))
                .when(fault.isNotNull(), defect(ErrorClass.MALFORMED_ROW, fault, end))
                .as(SourceColumns.DEFECT);
    }

    private static Column defect(String errorClass, Column message, Column... end) {
        Stream<Column> parts = Stream.concat(Stream.of(col(SourceColumns.PLACE), lit(": "), message), Stream.of(end));
        return SourceColumns.defect(errorClass, concat(parts.toArray(Column[]::new)));
    }

    private Dataset<Row> scan(InputFiles files) {
        Dataset<Row> raw = files.requireAll(files.reader(spark).text(files.paths()));
        List<Column> columns = new ArrayList<>(SourceColumns.position(raw));
        Column tooLong = octet_length(col("value")).gt(MOST_BYTES);
        columns.add(when(tooLong, make_valid_utf8(substring(col("value"), 1, SHOWN_CHARACTERS)))
                .otherwise(col("value"))
                .as(SourceColumns.LINE));
        columns.add(when(tooLong, octet_length(col("value"))).as(LENGTH));
        return raw.select(columns.toArray(Column[]::new));
    }

    private Dataset<Row> numbered(Dataset<Row> lines) {
        return LineNumbers.add(lines)
                .where(col(LENGTH)
                        .isNotNull()
                        .or(length(ltrim(col(SourceColumns.LINE), " \t\r")).gt(0)))
                .withColumn(
                        SourceColumns.PLACE, concat(col(SourceColumns.FILE), lit(", line "), col(LineNumbers.NUMBER)))
                .withColumn(SourceColumns.PARTITION, SourceColumns.directories(input));
    }
}
