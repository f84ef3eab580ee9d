package io.spikelet.job.plan;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.is_valid_utf8;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.make_valid_utf8;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.posexplode_outer;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import io.spikelet.job.UsageException;
import io.spikelet.job.schema.ErrorClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;

/** Reads OpenAI batch files: a request a line. Blank lines are no rows. */
public final class BatchFiles {
    /** The number of a request's line in its file. */
    public static final String LINE = "request_line";

    /** The {@code custom_id} as it stands there, null where there is none. */
    public static final String ID = "request_id";

    /** The place of the prompt among those of its request, from 0. */
    public static final String PROMPT_INDEX = "request_prompt";

    /** The {@code model} that a request names. */
    public static final String MODEL = "request_model";

    /** Whether the response repeats the prompt. */
    public static final String ECHO = "request_echo";

    /** The most likely tokens that the response tells of; null if it tells no log-probabilities. */
    public static final String LOGPROBS = "request_logprobs";

    private static final String RAW = SourceColumns.PREFIX + "line";
    private static final String PARSED = SourceColumns.PREFIX + "parsed";
    private static final String CUSTOM_ID = "custom_id";
    private static final String PROMPT = "prompt";
    private static final String PROMPTS = SourceColumns.PREFIX + "prompts";
    private static final String PART = SourceColumns.PREFIX + "part";

    private BatchFiles() {}

    /**
     * The input with the columns that such files have.
     *
     * @throws UsageException if it names other columns
     */
    static InputSpec spec(InputSpec given) {
        RequestSpec requests = given.requests();
        if (requests.template().isPresent() || !requests.overrides().isEmpty() || requests.samples() != 1) {
            throw new UsageException("--template, --override-columns and --samples do not go with --format "
                    + InputFormat.OPENAI_BATCH.label() + ": each request says these for itself");
        }
        return new InputSpec(
                given.path(),
                given.format(),
                PROMPT,
                Optional.of(CUSTOM_ID),
                given.droppedColumns(),
                given.limit(),
                requests);
    }

    /** A row for each request. */
    static Dataset<Row> read(SparkSession spark, InputSpec spec, RowCopy copy) {
        List<Column> raw = new ArrayList<>(List.of(SourceColumns.position()));
        raw.add(col("value").as(RAW));
        Dataset<Row> lines = LineNumbers.add(
                        copy.of(spark.read().text(spec.path()).select(raw.toArray(Column[]::new))))
                .where(length(trim(col(RAW))).gt(0));
        Column request = udf(new BatchLineParser(), BatchLineParser.TYPE).apply(make_valid_utf8(col(RAW)));
        return lines.withColumn(PARSED, request)
                .select(
                        col(SourceColumns.FILE),
                        col(SourceColumns.BLOCK),
                        col(SourceColumns.ORDINAL),
                        col(RAW).cast(DataTypes.BinaryType).as(SourceColumns.CONTENT),
                        defect().as(SourceColumns.DEFECT),
                        place().as(SourceColumns.PLACE),
                        field("samples").as(InputRows.SAMPLES),
                        field("prompts").as(PROMPTS),
                        col(LineNumbers.NUMBER).as(LINE),
                        field(CUSTOM_ID).as(ID),
                        field("model").as(MODEL),
                        field("echo").as(ECHO),
                        field("logprobs").as(LOGPROBS));
    }

    /** A row for each prompt of the requests; the first has the id of its request, the others a number after it. */
    static Dataset<Row> prompts(Dataset<Row> requests) {
        Column[] ofRequest = Stream.of(requests.columns())
                .filter(name -> !name.equals(PROMPTS))
                .map(name -> col(name))
                .toArray(Column[]::new);
        Column[] exploded = Stream.concat(
                        Stream.of(ofRequest),
                        Stream.of(posexplode_outer(col(PROMPTS)).as(new String[] {PROMPT_INDEX, PART})))
                .toArray(Column[]::new);
        Column index = coalesce(col(PROMPT_INDEX), lit(0));
        return requests.select(exploded)
                .withColumn(PROMPT_INDEX, index)
                .withColumn(
                        CUSTOM_ID,
                        when(index.gt(0), concat(col(ID), lit("/"), index)).otherwise(col(ID)))
                .withColumn(PROMPT, col(PART).getField(PROMPT))
                .withColumn(InputRows.OVERRIDES, col(PART).getField("overrides"))
                .drop(PART);
    }

    private static Column field(String name) {
        return col(PARSED).getField(name);
    }

    private static Column place() {
        return concat(col(SourceColumns.FILE), lit(", line "), col(LineNumbers.NUMBER));
    }

    private static Column defect() {
        return when(not(is_valid_utf8(col(RAW))), defect(ErrorClass.INVALID_UTF8, lit("the line is not UTF-8")))
                .when(field("fault").isNotNull(), defect(ErrorClass.MALFORMED_ROW, field("fault")));
    }

    private static Column defect(String errorClass, Column message) {
        return struct(
                lit(errorClass).as("class"), concat(place(), lit(": "), message).as("message"));
    }
}
