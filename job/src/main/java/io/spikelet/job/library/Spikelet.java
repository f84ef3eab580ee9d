package io.spikelet.job.library;

import io.spikelet.engine.model.Ablation;
import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.model.ModelSettings;
import io.spikelet.job.UsageException;
import io.spikelet.job.action.GenerationOptions;
import io.spikelet.job.action.PerplexityJob;
import io.spikelet.job.action.PerplexityOptions;
import io.spikelet.job.action.RunModel;
import io.spikelet.job.executor.ModelHandle;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.plan.InputRows;
import io.spikelet.job.plan.RequestSpec;
import io.spikelet.job.schema.PassThrough;
import io.spikelet.job.schema.Tables;
import io.spikelet.job.sql.Summary;
import io.spikelet.job.task.GenerateRows;
import io.spikelet.job.task.ModelTask;
import io.spikelet.job.task.ProcessorFactory;
import io.spikelet.job.task.RowCounter;
import io.spikelet.job.task.RowLimits;
import io.spikelet.job.task.ScoreRows;
import io.spikelet.job.task.ScoringSettings;
import io.spikelet.job.task.TextFunction;
import io.spikelet.job.task.TokenFunction;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

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
 * {@code -2}, {@code -3} … appended. An executor opens a model once for all callers.
 *
 * <p>Thread-safe, and cheap: it holds no weights, and is not closed.
 */
public final class Spikelet {
    /** Completes a prompt: {@code STRING → STRING}. */
    public static final String COMPLETE = "spikelet_complete";

    /** Completes a prompt as the row says: {@code (STRING, STRING) → STRING}. */
    public static final String COMPLETE_WITH = "spikelet_complete_with";

    /** Negative log-likelihood of a text in nats, under the protocol {@code document}: {@code STRING → DOUBLE}. */
    public static final String NLL = "spikelet_nll";

    /** Token ids of a text, without BOS: {@code STRING → ARRAY<INT>}. */
    public static final String TOKENS = "spikelet_tokens";

    private static final String RUN_ID = "run_id";

    private final SparkSession spark;
    private final FamilyConfig config;
    private final Broadcast<ModelHandle> handle;

    private Spikelet(SparkSession spark, FamilyConfig config, Broadcast<ModelHandle> handle) {
        this.spark = spark;
        this.config = config;
        this.handle = handle;
    }

    /**
     * Opens a model in the active session.
     *
     * @param path a model directory: a path that is the same on every node, or a URI such as {@code hdfs:///models/a}
     * @throws IllegalArgumentException if it is not a complete model with a tokenizer
     * @throws IllegalStateException if there is no active session
     */
    public static Spikelet open(String path) {
        return open(SparkSession.active(), path);
    }

    /** Opens a model in this session; as {@link #open(String)}. */
    public static Spikelet open(SparkSession spark, String path) {
        return open(spark, path, Set.of());
    }

    /**
     * Opens a model in this session with some parts disabled, to measure their contribution; as {@link #open(String)}.
     *
     * @param ablations as {@code --ablate} names them
     */
    public static Spikelet open(SparkSession spark, String path, Set<Ablation> ablations) {
        return open(spark, path, new ModelSettings(ablations, null));
    }

    /**
     * Opens a model in this session under settings of the caller's; as {@link #open(String)}.
     *
     * @throws IllegalArgumentException if the model has no part that is to be left out, or no keys and values to round
     */
    public static Spikelet open(SparkSession spark, String path, ModelSettings settings) {
        ModelLocation location = ModelLocation.parse(path).with(settings);
        try (RunModel model = RunModel.open(location, spark.sparkContext().hadoopConfiguration())) {
            Broadcast<ModelHandle> handle =
                    JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(model.handle());
            return new Spikelet(spark, model.config(), handle);
        }
    }

    /**
     * A row for every row and sample: the columns of the table {@code completions} except {@code run_id}, then the
     * other columns of the input.
     *
     * @throws IllegalArgumentException if a column is missing, or an option is out of its range
     */
    public Dataset<Row> generate(Dataset<Row> prompts, Generation how) {
        InputRows rows = how.rows(prompts, how.requests());
        StructType schema = PassThrough.append(Tables.COMPLETIONS, Tables.COMPLETIONS_COLUMNS, rows.passThrough());
        ModelTask task = completing(how.options(), how.limits());
        return rows.sampled(how.partitions(prompts))
                .mapPartitions(task, Encoders.row(schema))
                .drop(RUN_ID);
    }

    /**
     * A row for every row and protocol: the columns of the table {@code document_scores} except {@code run_id}, then
     * the other columns of the input.
     *
     * @throws IllegalArgumentException if a column is missing, or an option is out of its range
     */
    public Dataset<Row> score(Dataset<Row> documents, Scoring how) {
        InputRows rows = how.rows(documents, RequestSpec.NONE);
        StructType schema =
                PassThrough.append(Tables.DOCUMENT_SCORES, Tables.DOCUMENT_SCORES_COLUMNS, rows.passThrough());
        StructType scored = how.options().emitTokens() ? schema.add(Tables.TOKENS_COLUMN) : schema;
        ScoringSettings settings = ofDocuments(how);
        return rows.partitioned(how.partitions(documents))
                .mapPartitions(task(new ScoreRows(settings), how.limits()), Encoders.row(scored))
                .drop(RUN_ID)
                .withColumnRenamed(Tables.TOKENS_COLUMN.name(), Tables.TOKEN_SCORES);
    }

    /**
     * The table {@code summary} of scores, without {@code run_id}: perplexity, bits per byte and their errors, over
     * each group if there are groups, and over all. The groups are computed now, the rest when it is needed.
     *
     * @param scores as {@link #score} gives them, or as they were stored
     * @param how with the groups and the bootstrap; its other options do not matter
     * @throws IllegalArgumentException if a group column is missing
     */
    public static Dataset<Row> summarize(Dataset<Row> scores, Scoring how) {
        PerplexityOptions options = how.options();
        StructType schema = PerplexityJob.summarySchema(
                options, PassThrough.of(scores.schema(), Tables.DOCUMENT_SCORES_COLUMNS), DatasetOptions.NAME);
        return new Summary(scores, null, options.groupBy(), options.confidence(), schema)
                .rows()
                .drop(RUN_ID);
    }

    /** Registers the SQL functions in the session; completions take the defaults of the model's sampler. */
    public void registerFunctions() {
        registerFunctions(Generation.ofColumn("prompt"));
    }

    /** As {@link #registerFunctions(Generation, Scoring)}, with the protocol {@code document}. */
    public void registerFunctions(Generation completions) {
        registerFunctions(completions, Scoring.ofColumn("text"));
    }

    /**
     * Registers {@value #COMPLETE}, {@value #COMPLETE_WITH}, {@value #NLL} and {@value #TOKENS} in the session, for
     * this model.
     *
     * <p>They process one text at a time, so {@link #generate} and {@link #score} are faster for many rows, and they
     * are deterministic: the row id that a completion's random numbers come from is a hash of the prompt. Null gives
     * null, and so does a text that gives an error row there.
     *
     * <p>The second argument of {@value #COMPLETE_WITH} is a JSON object of what {@link Generation#overrideColumns} may
     * name, such as {@code to_json(named_struct('max_new_tokens', 8))}; null is none. Invalid options fail the query.
     *
     * @param completions how prompts are completed; its columns, samples and partitions do not matter
     * @param scores how texts are scored, under the first of its protocols
     */
    public void registerFunctions(Generation completions, Scoring scores) {
        TextFunction<String> complete = new TextFunction<>(
                completing(completions.options(1), completions.limits()), Tables.COMPLETIONS_COLUMNS, "completion");
        ScoringSettings settings = ofDocuments(scores);
        TextFunction<Double> nll = new TextFunction<>(
                task(new ScoreRows(settings), scores.limits()), Tables.DOCUMENT_SCORES_COLUMNS, "nll");
        UDF2<String, String, String> completeWith = complete::call;
        spark.udf().register(COMPLETE, complete, DataTypes.StringType);
        spark.udf().register(COMPLETE_WITH, completeWith, DataTypes.StringType);
        spark.udf().register(NLL, nll, DataTypes.DoubleType);
        spark.udf()
                .register(TOKENS, new TokenFunction(handle), DataTypes.createArrayType(DataTypes.IntegerType, false));
    }

    private ScoringSettings ofDocuments(Scoring how) {
        ScoringSettings settings = how.options().settings(config);
        settings.ofCorpus().forEach(protocol -> {
            throw new UsageException("protocol " + protocol.name()
                    + " joins documents in the order of their files, and a Dataset has none; use the command"
                    + " perplexity");
        });
        return settings;
    }

    private ModelTask completing(GenerationOptions options, RowLimits limits) {
        return task(new GenerateRows(options.settings(config)), limits);
    }

    private ModelTask task(ProcessorFactory work, RowLimits limits) {
        return new ModelTask(handle, work, null, limits, RowCounter.of(spark.sparkContext()), false);
    }
}
