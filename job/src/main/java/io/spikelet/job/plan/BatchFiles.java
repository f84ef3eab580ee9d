package io.spikelet.job.plan;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.make_valid_utf8;
import static org.apache.spark.sql.functions.posexplode_outer;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import io.spikelet.job.UsageException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;

/** Reads OpenAI batch files: a request a line. Blank lines are no rows. */
public final class BatchFiles {
    /** The place of a request's file among those of the input, from 0. */
    public static final String FILE = "request_file";

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

    /** The number of most likely tokens in the response; null if it has no log-probabilities. */
    public static final String LOGPROBS = "request_logprobs";

    private static final String PARSED = SourceColumns.PREFIX + "parsed";
    private static final String CUSTOM_ID = "custom_id";
    private static final String PROMPT = "prompt";
    private static final String SHARED = SourceColumns.PREFIX + "shared_overrides";
    private static final String ROW_ID = SourceColumns.PREFIX + "row_id";
    private static final String PROMPTS = SourceColumns.PREFIX + "prompts";
    private static final String PART = SourceColumns.PREFIX + "part";

    private final LineFiles lines;
    private final InputFiles input;

    BatchFiles(LineFiles lines, InputFiles input) {
        this.lines = lines;
        this.input = input;
    }

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
        if (given.idColumn().isPresent()) {
            throw new UsageException("--id-column does not go with --format " + InputFormat.OPENAI_BATCH.label()
                    + ": the id of a request is its " + CUSTOM_ID);
        }
        return given.with(PROMPT, Optional.of(CUSTOM_ID));
    }

    /** A row for each request. */
    Dataset<Row> rows(InputFiles files) {
        Column request =
                udf(new BatchLineParser(), BatchLineParser.TYPE).apply(make_valid_utf8(col(SourceColumns.LINE)));
        List<Column> columns = new ArrayList<>(SourceColumns.positioned());
        columns.addAll(List.of(
                col(SourceColumns.LINE).cast(DataTypes.BinaryType).as(SourceColumns.CONTENT),
                LineFiles.defect(field("fault")),
                col(SourceColumns.PLACE),
                field("samples").as(InputRows.SAMPLES),
                field("prompts").as(PROMPTS),
                field("overrides").as(SHARED),
                field("row_id").as(ROW_ID),
                fileNumber().as(FILE),
                col(LineNumbers.NUMBER).as(LINE),
                field(CUSTOM_ID).as(ID),
                field("model").as(MODEL),
                field("echo").as(ECHO),
                field("logprobs").as(LOGPROBS)));
        return lines.read(files).withColumn(PARSED, request).select(columns.toArray(Column[]::new));
    }

    /** The place of the row's file among those of the input. */
    private Column fileNumber() {
        Map<String, Integer> numbers = new HashMap<>();
        for (InputFiles.InputFile file : input.files()) {
            numbers.put(InputFiles.key(file.uri()), numbers.size());
        }
        return udf((String file) -> numbers.get(InputFiles.key(file)), DataTypes.IntegerType)
                .apply(col(SourceColumns.FILE));
    }

    /**
     * A row for each prompt of the requests. The first has the id of its request, the others a number after it; an id that
     * ends in a number itself always has one more.
     */
    static Dataset<Row> prompts(Dataset<Row> requests) {
        Column ids = col(PART).getField("ids");
        Column isFirst = col(PROMPT_INDEX).equalTo(0);
        return requests.select(col("*"), posexplode_outer(col(PROMPTS)).as(new String[] {PROMPT_INDEX, PART}))
                .withColumn(PROMPT_INDEX, coalesce(col(PROMPT_INDEX), lit(0)))
                .withColumn(
                        CUSTOM_ID, when(isFirst, col(ROW_ID)).otherwise(concat(col(ID), lit("/"), col(PROMPT_INDEX))))
                .withColumn(PROMPT, col(PART).getField(PROMPT))
                .withColumn(InputRows.OVERRIDES, when(ids.isNull(), col(SHARED)).otherwise(withIds(col(SHARED), ids)))
                .drop(PROMPTS, PART, SHARED, ROW_ID);
    }

    /** A JSON object with the ids of the prompt in it. */
    private static Column withIds(Column object, Column ids) {
        Column inside = substring(object, lit(2), length(object).minus(2));
        Column before = when(length(inside).gt(0), concat(inside, lit(","))).otherwise(lit(""));
        return concat(lit("{"), before, lit("\"" + InputRows.PROMPT_IDS + "\":"), ids, lit("}"));
    }

    private static Column field(String name) {
        return col(PARSED).getField(name);
    }
}
