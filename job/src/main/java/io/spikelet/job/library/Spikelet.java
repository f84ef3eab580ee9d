package io.spikelet.job.library;

import io.spikelet.engine.model.ModelConfig;
import io.spikelet.job.UsageException;
import io.spikelet.job.action.GenerationOptions;
import io.spikelet.job.action.RunModel;
import io.spikelet.job.executor.ModelHandle;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.plan.InputRows;
import io.spikelet.job.schema.PassThrough;
import io.spikelet.job.schema.Tables;
import io.spikelet.job.task.GenerateRows;
import io.spikelet.job.task.GenerationSettings;
import io.spikelet.job.task.RowCounter;
import io.spikelet.job.task.RowLimits;
import io.spikelet.job.task.ScoreRows;
import io.spikelet.job.task.ScoringSettings;
import io.spikelet.job.task.TextFunction;
import io.spikelet.job.task.TokenFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.reflect.ClassTag$;

/**
 * A model in a Spark session: Datasets in, Datasets out, and SQL functions.
 *
 * <pre>{@code
 * Spikelet spikelet = Spikelet.open("models/0.8b");
 * Dataset<Row> completions = spikelet.generate(prompts, Generation.ofColumn("prompt").maxNewTokens(64));
 * Dataset<Row> scores = spikelet.score(documents, Scoring.ofColumn("text"));
 * spikelet.registerFunctions();
 * spark.sql("SELECT spikelet_complete(prompt) FROM prompts");
 * }</pre>
 *
 * <p>Datasets are lazy and belong to the session of their input: nothing is computed before an action, and all of it again
 * at the next unless they are kept ({@code persist}, {@code write}). Rows are as the commands write them, to the bit:
 * errors are rows, the columns of the input follow the table's own, and results do not depend on partitions or batches.
 * There is no run record, no resumption and no check that row ids are unique: further rows of the same id get the id with
 * {@code -2}, {@code -3} … appended. An executor opens a model once, whoever asks for it.
 *
 * <p>Thread-safe, and cheap: it holds no weights, and is not closed.
 */
public final class Spikelet {
    /** Completes a prompt: {@code STRING → STRING}. */
    public static final String COMPLETE = "spikelet_complete";

    /** Negative log-likelihood of a text in nats, under the protocol {@code document}: {@code STRING → DOUBLE}. */
    public static final String NLL = "spikelet_nll";

    /** Token ids of a text, without BOS: {@code STRING → ARRAY<INT>}. */
    public static final String TOKENS = "spikelet_tokens";

    private static final String RUN_ID = "run_id";

    private final SparkSession spark;
    private final ModelConfig config;
    private final Broadcast<ModelHandle> handle;

    private Spikelet(SparkSession spark, ModelConfig config, Broadcast<ModelHandle> handle) {
        this.spark = spark;
        this.config = config;
        this.handle = handle;
    }

    /**
     * Opens a model in the active session.
     *
     * @param path a model directory: a path that is the same on every node, or a URI such as {@code hdfs:///models/a}
     * @throws IllegalArgumentException if it is no complete model with a tokenizer
     * @throws IllegalStateException if there is no active session
     */
    public static Spikelet open(String path) {
        return open(SparkSession.active(), path);
    }

    /** Opens a model in this session; as {@link #open(String)}. */
    public static Spikelet open(SparkSession spark, String path) {
        try (RunModel model =
                RunModel.open(ModelLocation.parse(path), spark.sparkContext().hadoopConfiguration())) {
            Broadcast<ModelHandle> handle =
                    spark.sparkContext().broadcast(model.handle(), ClassTag$.MODULE$.apply(ModelHandle.class));
            return new Spikelet(spark, model.config(), handle);
        }
    }

    /**
     * A row for every row: the columns of the table {@code completions} but {@code run_id}, then the others of the input.
     *
     * @throws IllegalArgumentException if a column is missing, or an option is out of its range
     */
    public Dataset<Row> generate(Dataset<Row> prompts, Generation how) {
        InputRows rows = how.source().rows(prompts);
        StructType schema = PassThrough.append(Tables.COMPLETIONS, Tables.COMPLETIONS_COLUMNS, rows.passThrough());
        GenerateRows task = completing(how.options());
        return rows.partitioned(how.source().partitions(prompts))
                .mapPartitions(task, Encoders.row(schema))
                .drop(RUN_ID);
    }

    /**
     * A row for every row and protocol: the columns of the table {@code document_scores} but {@code run_id}, then the
     * others of the input.
     *
     * @throws IllegalArgumentException if a column is missing, or an option is out of its range
     */
    public Dataset<Row> score(Dataset<Row> documents, Scoring how) {
        InputRows rows = how.source().rows(documents);
        StructType schema =
                PassThrough.append(Tables.DOCUMENT_SCORES, Tables.DOCUMENT_SCORES_COLUMNS, rows.passThrough());
        StructType scored = how.options().emitTokens() ? schema.add(Tables.TOKENS_COLUMN) : schema;
        ScoringSettings settings = how.options().settings(config);
        settings.ofCorpus().forEach(protocol -> {
            throw new UsageException(
                    "protocol " + protocol.name()
                            + " joins documents in the order of their files, and a Dataset has none; use the command perplexity");
        });
        return rows.partitioned(how.source().partitions(documents))
                .mapPartitions(scoring(settings), Encoders.row(scored))
                .drop(RUN_ID)
                .withColumnRenamed(Tables.TOKENS_COLUMN.name(), Tables.TOKEN_SCORES);
    }

    /** Registers the SQL functions in the session; completions take the defaults of the model's sampler. */
    public void registerFunctions() {
        registerFunctions(Generation.ofColumn("prompt"));
    }

    /**
     * Registers {@value #COMPLETE}, {@value #NLL} and {@value #TOKENS} in the session, for this model.
     *
     * <p>They see one text at a time, so that {@link #generate} and {@link #score} are faster on many rows, and they are
     * deterministic: the row id that a completion's random numbers come from is a hash of the prompt. Null gives null, and
     * so does a text that gives an error row there.
     *
     * @param completions how {@value #COMPLETE} works; its columns and partitions do not matter
     */
    public void registerFunctions(Generation completions) {
        GenerateRows complete = completing(completions.options(1));
        ScoringSettings settings = Scoring.ofColumn("text").options().settings(config);
        spark.udf()
                .register(
                        COMPLETE,
                        new TextFunction<String>(complete, Tables.COMPLETIONS_COLUMNS.fieldIndex("completion")),
                        DataTypes.StringType);
        spark.udf()
                .register(
                        NLL,
                        new TextFunction<Double>(scoring(settings), Tables.DOCUMENT_SCORES_COLUMNS.fieldIndex("nll")),
                        DataTypes.DoubleType);
        spark.udf()
                .register(TOKENS, new TokenFunction(handle), DataTypes.createArrayType(DataTypes.IntegerType, false));
    }

    private GenerateRows completing(GenerationOptions options) {
        GenerationSettings settings = options.settings(config);
        return new GenerateRows(handle, null, settings, RowLimits.NONE, counter());
    }

    private ScoreRows scoring(ScoringSettings settings) {
        return new ScoreRows(handle, null, settings, RowLimits.NONE, counter());
    }

    private RowCounter counter() {
        return RowCounter.of(spark.sparkContext());
    }
}
