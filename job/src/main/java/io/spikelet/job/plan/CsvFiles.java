package io.spikelet.job.plan;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.encode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.make_valid_utf8;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.when;

import io.spikelet.job.schema.ErrorClass;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Reads CSV with a header line; quoted fields may hold line breaks.
 *
 * <p>Spark's reader replaces bytes that are not UTF-8. Here it reads ISO 8859-1, in which every byte is a character and
 * the syntax is the same, and the bytes of each field are taken back from that.
 */
final class CsvFiles {
    private static final String BYTE_ENCODING = "ISO-8859-1";
    private static final String BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";
    /** What Spark puts for a field with nothing in it, unlike one with an empty string in quotes. */
    private static final String NULL_MARK = "\u0000";

    private static final int EXCERPT_CHARACTERS = 120;

    private CsvFiles() {}

    static Dataset<Row> read(SparkSession spark, InputSpec spec) {
        StructType header = reader(spark).csv(spec.path()).schema();
        Dataset<Row> raw = reader(spark)
                .schema(header.add(SourceColumns.CORRUPT, DataTypes.StringType))
                .csv(spec.path());
        List<Column> columns = new ArrayList<>(List.of(SourceColumns.position()));
        Column[] fields = Arrays.stream(raw.columns()).map(SourceColumns::named).toArray(Column[]::new);
        columns.add(to_json(struct(fields)).cast(DataTypes.BinaryType).as(SourceColumns.CONTENT));
        columns.add(defect().as(SourceColumns.DEFECT));
        columns.add(SourceColumns.noPlace());
        for (String name : header.fieldNames()) {
            columns.add(text(SourceColumns.named(name)).as(nameOf(name)));
        }
        return raw.select(columns.toArray(Column[]::new));
    }

    private static DataFrameReader reader(SparkSession spark) {
        return spark.read()
                .option("header", "true")
                .option("encoding", BYTE_ENCODING)
                .option("multiLine", "true")
                .option("escape", "\"")
                .option("inferSchema", "false")
                .option("nullValue", NULL_MARK)
                .option("enforceSchema", "false")
                .option("mode", "PERMISSIVE")
                .option("columnNameOfCorruptRecord", SourceColumns.CORRUPT);
    }

    private static Column defect() {
        Column corrupt = col(SourceColumns.CORRUPT);
        Column excerpt = substring(make_valid_utf8(text(corrupt)), 1, EXCERPT_CHARACTERS);
        Column message = concat(lit("the record has not as many fields as the header: "), excerpt);
        return when(corrupt.isNotNull(), struct(lit(ErrorClass.MALFORMED_ROW).as("class"), message.as("message")));
    }

    /** The bytes of a field, as a string that may not be valid UTF-8. */
    private static Column text(Column field) {
        return encode(field, BYTE_ENCODING).cast(DataTypes.StringType);
    }

    private static String nameOf(String header) {
        String bytes = header.startsWith(BYTE_ORDER_MARK) ? header.substring(BYTE_ORDER_MARK.length()) : header;
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
