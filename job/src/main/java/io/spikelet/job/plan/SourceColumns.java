package io.spikelet.job.plan;

import static org.apache.spark.sql.functions.col;

import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** Names of the columns that reading adds to those of the input. */
final class SourceColumns {
    /** The prefix of the reserved names. */
    static final String PREFIX = "__spikelet_";

    /** The bytes of the whole row: equal for two rows only if they are interchangeable. */
    static final String CONTENT = PREFIX + "content";

    /** Why the row as a whole cannot be used, as struct(class, message); null if it can. */
    static final String DEFECT = PREFIX + "defect";

    /** File and line of the row, for messages; null where rows have no lines. */
    static final String PLACE = PREFIX + "place";

    /** The prompt that a template made. */
    static final String PROMPT = PREFIX + "prompt";

    /** A line of a file of lines, before anybody parses it. */
    static final String LINE = PREFIX + "line";

    static final String FILE = PREFIX + "file";
    static final String BLOCK = PREFIX + "block";
    static final String ORDINAL = PREFIX + "ordinal";

    /** The columns of {@link #position}, in the order in which they sort. */
    static final List<String> POSITION = List.of(FILE, BLOCK, ORDINAL);

    /** What the directories of a file say, as a struct; only while a format is read. */
    static final String PARTITION = PREFIX + "directories";

    private SourceColumns() {}

    /** A value as Spark casts it to a string; a point in time as in UTC, whatever the time zone of the session is. */
    static Column text(Column column, DataType type) {
        Column value = type.equals(DataTypes.TimestampType)
                ? functions.timestamp_add(
                        "MICROSECOND",
                        functions.unix_micros(column),
                        functions.lit(LocalDateTime.parse("1970-01-01T00:00:00")))
                : column;
        return value.cast(DataTypes.StringType);
    }

    /** Where a row stands in its input: file, block of the file, and an ordinal that grows within the block. */
    static List<Column> position(Dataset<Row> files) {
        Column metadata = files.metadataColumn("_metadata"); // which a column of that name does not hide
        return List.of(
                metadata.getField("file_path").as(FILE),
                metadata.getField("file_block_start").as(BLOCK),
                functions.monotonically_increasing_id().as(ORDINAL));
    }

    /** The columns of {@link #position} of rows that have them. */
    static List<Column> positioned() {
        return POSITION.stream().map(name -> col(name)).toList();
    }

    /** What the directories of the file say, of rows that have {@link #FILE}, as {@link #PARTITION}. */
    static Column directories(InputFiles input) {
        PartitionValues values = new PartitionValues(input);
        return functions.udf(values, values.type()).apply(col(FILE)).as(PARTITION);
    }

    /** A column that the directories stand for. */
    static Column partition(InputFiles input, String name) {
        return col(PARTITION)
                .getField(PartitionValues.field(input.partitionColumns().indexOf(name)));
    }

    /** A value of {@link #DEFECT}. */
    static Column defect(String errorClass, Column message) {
        return functions.struct(functions.lit(errorClass).as("class"), message.as("message"));
    }

    /** The columns that came from the input. */
    static List<String> ofInput(Dataset<Row> rows) {
        return Arrays.stream(rows.columns())
                .filter(name -> !name.startsWith(PREFIX))
                .toList();
    }
}
