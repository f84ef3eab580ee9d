package io.spikelet.job.plan;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.is_valid_utf8;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.make_valid_utf8;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.nullif;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sequence;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.when;

import io.spikelet.job.schema.Columns;
import io.spikelet.job.schema.ErrorClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The rows of an input, each with an id that does not depend on how they are partitioned.
 *
 * <p>A row's id is the value of the id column. A row without one, or with an empty one, is named by its content: the
 * first 32 hexadecimal digits of the SHA-256 of the row, with {@code -2}, {@code -3} … for further rows of the same
 * content (which are interchangeable, so that it does not matter which of them is which).
 */
public final class InputRows {
    /** The text column, named so that an input may have a {@code text} of its own. */
    public static final String TEXT = SourceColumns.PREFIX + "text";

    /** What the row says about its completion, as a JSON object by column name; null for nothing. */
    public static final String OVERRIDES = SourceColumns.PREFIX + "overrides";

    /** Among what a row says: the token ids that are its prompt, to which no BOS is added. */
    public static final String PROMPT_IDS = "prompt_token_ids";

    /** Equal for rows that are worked on once; null where rows are not compared. */
    public static final String REQUEST = SourceColumns.PREFIX + "request";

    /** Completions that are wanted of the row. */
    public static final String SAMPLES = SourceColumns.PREFIX + "samples";

    /** File and line of a row of a JSONL input, for messages; null elsewhere. */
    public static final String PLACE = SourceColumns.PLACE;

    /** What the row costs, in tokens, as far as it is known in advance; 0 if no plan is made. */
    public static final String COST = SourceColumns.PREFIX + "cost";

    /** Columns that every partitioned row begins with; those that pass through follow. */
    public static final StructType LEADING_COLUMNS = new StructType()
            .add("row_id", DataTypes.StringType)
            .add(TEXT, DataTypes.StringType)
            .add("error_class", DataTypes.StringType)
            .add("error_message", DataTypes.StringType)
            .add("content_sha256", DataTypes.StringType)
            .add(PLACE, DataTypes.StringType)
            .add(OVERRIDES, DataTypes.StringType)
            .add(REQUEST, DataTypes.StringType)
            .add("duplicate_of", DataTypes.StringType)
            .add(SAMPLES, DataTypes.IntegerType)
            .add("sample_index", DataTypes.IntegerType)
            .add(COST, DataTypes.LongType);

    /** Equal for rows that are worked on once, different for all others. */
    static final Column WORK = coalesce(col(REQUEST), col("row_id"));

    /** Of planned rows: {@link #FIRST}, {@link #REPEATED} or {@link #NAMED}. */
    static final String OCCURRENCE = SourceColumns.PREFIX + "occurrence";

    /** The first row of its id. */
    static final int FIRST = 0;
    /** A further row of an id that was given. */
    static final int REPEATED = 1;
    /** A further row of the same content, whose id is made up. */
    static final int NAMED = 2;

    static final StructType DEFECT_TYPE =
            new StructType().add("class", DataTypes.StringType).add("message", DataTypes.StringType);

    private static final String KEY = SourceColumns.PREFIX + "key";
    private static final String GIVEN = SourceColumns.PREFIX + "given";

    private static final int CONTENT_DIGITS = 32;

    private final Dataset<Row> keyed;
    private final List<String> passThrough;
    private final List<String> position; // columns that say where a row stands; empty if it stands nowhere
    private final String input;
    private final boolean deduplicate;

    private InputRows(
            Dataset<Row> keyed, List<String> passThrough, List<String> position, String input, boolean deduplicate) {
        this.keyed = keyed;
        this.passThrough = passThrough;
        this.position = position;
        this.input = input;
        this.deduplicate = deduplicate;
    }

    static InputRows of(Dataset<Row> rows, String textColumn, InputSpec spec) {
        List<String> names = SourceColumns.ofInput(rows);
        String wantedId = spec.idColumn().orElse(InputSpec.DEFAULT_ID_COLUMN);
        Optional<String> idColumn = Optional.of(wantedId)
                .filter(id -> names.contains(id)
                        && !id.equals(textColumn)
                        && !spec.droppedColumns().contains(id));
        Column given = idColumn.map(id -> nullif(
                        make_valid_utf8(SourceColumns.text(
                                Columns.named(id), rows.schema().apply(id).dataType())),
                        lit("")))
                .orElse(lit(null).cast(DataTypes.StringType));
        List<String> passThrough = names.stream()
                .filter(name -> !name.equals(textColumn)
                        && !name.equals(idColumn.orElse(null))
                        && !hasPlace(name, spec)
                        && !spec.droppedColumns().contains(name))
                .toList();
        List<Column> columns = new ArrayList<>(List.of(
                given.as(GIVEN),
                sha2(col(SourceColumns.CONTENT), 256).as(SourceColumns.CONTENT),
                col(SourceColumns.DEFECT),
                col(PLACE),
                Columns.named(textColumn).cast(DataTypes.StringType).as(TEXT),
                Columns.orNull(rows, OVERRIDES, DataTypes.StringType),
                coalesce(
                                Columns.orNull(rows, SAMPLES, DataTypes.IntegerType),
                                lit(spec.requests().samples()))
                        .as(SAMPLES)));
        List<String> position = Stream.of(rows.columns())
                .filter(SourceColumns.POSITION::contains)
                .toList();
        position.forEach(name -> columns.add(col(name)));
        passThrough.forEach(name -> columns.add(Columns.named(name)));
        Dataset<Row> keyed = rows.select(columns.toArray(Column[]::new))
                .withColumn(KEY, coalesce(col(GIVEN), substring(col(SourceColumns.CONTENT), 1, CONTENT_DIGITS)));
        return new InputRows(
                keyed, passThrough, position, spec.path(), spec.requests().deduplicate());
    }

    /** Columns that a table of results has in another form. */
    private static boolean hasPlace(String name, InputSpec spec) {
        boolean isSeed = name.equals("seed") && spec.requests().overrides().contains(name);
        return isSeed || (spec.requests().template().isPresent() && name.equals(spec.textColumn()));
    }

    /** The input as messages call it. */
    public String name() {
        return input;
    }

    /** The columns that pass through, with their types, in the order of the input. */
    public StructType passThrough() {
        StructType schema = new StructType();
        for (String name : passThrough) {
            StructField field = keyed.schema().apply(name);
            schema = schema.add(field.name(), field.dataType(), true);
        }
        return schema;
    }

    /** Counts the rows in a pass of its own, which looks at nothing else. */
    public long scanned() {
        return keyed.select(lit(1)).count();
    }

    /** The rows as {@link #LEADING_COLUMNS} and what passes through, in so many partitions. */
    public Dataset<Row> partitioned(int partitions) {
        return distinct(identified(byKey(partitions), List.of())).drop(OCCURRENCE);
    }

    /** The rows as {@link #partitioned} and {@link #OCCURRENCE}; ids that repeat do so here. */
    Dataset<Row> planned(int partitions) {
        // Where one partition is enough, there are few rows, and they need no shuffle.
        return identified(partitions == 1 ? keyed.coalesce(1) : byKey(partitions), List.of());
    }

    /** An id that was made up and that another row has been given gets a hash behind it, which no other has. */
    private static Dataset<Row> distinct(Dataset<Row> rows) {
        Column isMadeUp = col(OCCURRENCE).gt(FIRST);
        Column givenToo =
                min(col(OCCURRENCE)).over(Window.partitionBy(col("row_id"))).equalTo(FIRST);
        Column hash =
                substring(sha2(concat(col("row_id"), col("content_sha256")).cast(DataTypes.BinaryType), 256), 1, 12);
        return rows.withColumn(
                "row_id",
                when(isMadeUp.and(givenToo), concat(col("row_id"), lit("-"), hash))
                        .otherwise(col("row_id")));
    }

    /**
     * The rows as {@link #partitioned}, each as often as it has samples; those that are worked on once follow one another
     * in the same partition.
     */
    public Dataset<Row> sampled(int partitions) {
        Dataset<Row> rows = partitioned(partitions);
        return withSamples(deduplicate ? rows.repartition(partitions, WORK).sortWithinPartitions(WORK) : rows);
    }

    /** Each row as often as it has samples, one after the other. */
    public static Dataset<Row> withSamples(Dataset<Row> rows) {
        return rows.withColumn(
                "sample_index", explode(sequence(lit(0), col(SAMPLES).minus(1))));
    }

    /**
     * The rows as {@link #partitioned}, all in one partition, in the order of file name and position.
     *
     * @param partitions in which they are read before
     * @throws IllegalStateException if they stand nowhere
     */
    public Dataset<Row> sortedByPosition(int partitions) {
        if (position.isEmpty()) {
            throw new IllegalStateException("the rows of " + input + " have no order");
        }
        return identified(byKey(partitions), position)
                .repartition(1)
                .sortWithinPartitions(Columns.named(position))
                .drop(OCCURRENCE)
                .drop(position.toArray(String[]::new));
    }

    private Dataset<Row> byKey(int partitions) {
        return keyed.repartition(partitions, col(KEY));
    }

    /** @param placed the rows, those of a key in one partition */
    private Dataset<Row> identified(Dataset<Row> placed, List<String> more) {
        List<String> order = Stream.concat(Stream.of(SourceColumns.CONTENT), position.stream())
                .toList();
        Column occurrence = row_number().over(Window.partitionBy(col(KEY)).orderBy(Columns.named(order)));
        Column id = when(occurrence.equalTo(1), col(KEY)).otherwise(concat(col(KEY), lit("-"), occurrence));
        Column defect = defect();
        List<Column> columns = new ArrayList<>(List.of(
                id.as("row_id"),
                make_valid_utf8(col(TEXT)).as(TEXT),
                defect.getField("class").as("error_class"),
                defect.getField("message").as("error_message"),
                col(SourceColumns.CONTENT).as("content_sha256"),
                col(PLACE),
                col(OVERRIDES),
                request(defect).as(REQUEST),
                lit(null).cast(DataTypes.StringType).as("duplicate_of"),
                col(SAMPLES),
                lit(0).as("sample_index"),
                lit(0L).as(COST)));
        passThrough.forEach(name -> columns.add(Columns.named(name)));
        columns.add(when(occurrence.equalTo(1), FIRST)
                .when(col(GIVEN).isNotNull(), REPEATED)
                .otherwise(NAMED)
                .as(OCCURRENCE));
        more.forEach(name -> columns.add(col(name)));
        Dataset<Row> rows = placed.select(columns.toArray(Column[]::new));
        return deduplicate ? marked(rows) : rows;
    }

    private Column request(Column defect) {
        Column none = lit(null).cast(DataTypes.StringType);
        Column same = concat(col(TEXT), lit("\u0000"), coalesce(col(OVERRIDES), lit("")), lit("\u0000"), col(SAMPLES));
        return deduplicate
                ? when(defect.isNull(), sha2(same.cast(DataTypes.BinaryType), 256))
                        .otherwise(none)
                : none;
    }

    /** A row whose mark has changed has changed. */
    private static Dataset<Row> marked(Dataset<Row> rows) {
        Column first = min(col("row_id")).over(Window.partitionBy(col(REQUEST)));
        Column other = when(col(REQUEST).isNotNull().and(first.notEqual(col("row_id"))), first);
        Column mark = concat(col("content_sha256"), col("duplicate_of"));
        return rows.withColumn("duplicate_of", other)
                .withColumn(
                        "content_sha256", coalesce(sha2(mark.cast(DataTypes.BinaryType), 256), col("content_sha256")));
    }

    private static Column defect() {
        return coalesce(
                col(SourceColumns.DEFECT),
                when(col(TEXT).isNull(), SourceColumns.defect(ErrorClass.NULL_INPUT, lit("the text is null")))
                        .when(
                                not(is_valid_utf8(col(TEXT))),
                                SourceColumns.defect(ErrorClass.INVALID_UTF8, lit("the text is not UTF-8")))
                        .when(
                                length(col(TEXT)).equalTo(0),
                                SourceColumns.defect(ErrorClass.EMPTY_INPUT, lit("the text is empty"))));
    }
}
