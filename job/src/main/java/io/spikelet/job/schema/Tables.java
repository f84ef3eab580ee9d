package io.spikelet.job.schema;

import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.FloatType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;
import static org.apache.spark.sql.types.DataTypes.createArrayType;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The tables of runs: their names and their own columns, in order. */
public final class Tables {
    public static final String COMPLETIONS = "completions";
    public static final String DOCUMENT_SCORES = "document_scores";
    public static final String TOKEN_SCORES = "token_scores";

    /** Windows of protocols that join documents, so that they need not be scored again. */
    public static final String WINDOW_SCORES = "window_scores";

    /** The protocol of a window: it belongs to any that has it. */
    public static final String WINDOW_PROTOCOL = "(window)";

    public static final String SUMMARY = "summary";
    public static final String CHOICE_SCORES = "choice_scores";
    public static final String CHOICE_SUMMARY = "choice_summary";
    public static final String DOCUMENT_COMPARISONS = "document_comparisons";
    public static final String COMPARISON_SUMMARY = "comparison_summary";
    public static final String RUNS = "runs";

    /** The costs of each shard of the runs. */
    public static final String SHARDS = "shards";

    /** The runs that compare-runs was given, with all of their records. */
    public static final String COMPARED_RUNS = "compared_runs";

    /** Share of a population that fired. Not a map, because rows with maps can be neither sorted nor compared. */
    public static final StructType RATE =
            new StructType().add("population", StringType).add("rate", DoubleType);

    /** The same, layer by layer. */
    public static final StructType LAYER_RATES =
            new StructType().add("population", StringType).add("rates", createArrayType(DoubleType, false));

    /** Operations of one product. */
    public static final StructType OPERATIONS =
            new StructType().add("product", StringType).add("count", LongType);

    /** Before the names of columns of operations: those of the model, or run, that another is compared with. */
    public static final String BASELINE = "baseline_";

    /** Operations of a row, and the estimate of their energy. */
    public static final StructType OPERATIONS_COLUMNS = new StructType()
            .add("accumulates", createArrayType(OPERATIONS, false))
            .add("multiply_adds", createArrayType(OPERATIONS, false))
            .add("dense_multiply_adds", LongType)
            .add("energy_microjoules", DoubleType)
            .add("dense_energy_microjoules", DoubleType);

    /** The same of the model, or run, that another is compared with. */
    public static final StructType BASELINE_OPERATIONS_COLUMNS =
            new StructType(Arrays.stream(OPERATIONS_COLUMNS.fields())
                    .map(field -> DataTypes.createStructField(BASELINE + field.name(), field.dataType(), true))
                    .toArray(StructField[]::new));

    /** What is wrong with a row, and what it was made of. */
    private static final StructType LAST_COLUMNS = new StructType()
            .add("error_class", StringType)
            .add("error_message", StringType)
            .add("content_sha256", StringType);

    /** One row per prompt; the columns that pass through follow. */
    public static final StructType COMPLETIONS_COLUMNS = Columns.joined(
            new StructType()
                    .add("run_id", StringType)
                    .add("row_id", StringType)
                    .add("prompt", StringType)
                    .add("prompt_tokens", IntegerType)
                    .add("completion", StringType)
                    .add("completion_token_ids", createArrayType(IntegerType, false))
                    .add("completion_tokens", IntegerType)
                    .add("finish_reason", StringType)
                    .add("sum_logprob", DoubleType)
                    .add("token_logprobs", createArrayType(FloatType, false))
                    .add("top_token_ids", createArrayType(createArrayType(IntegerType, false), false))
                    .add("top_logprobs", createArrayType(createArrayType(FloatType, false), false))
                    .add("prompt_token_ids", createArrayType(IntegerType, false))
                    .add("prompt_logprobs", createArrayType(FloatType, true))
                    .add("prompt_top_token_ids", createArrayType(createArrayType(IntegerType, false), true))
                    .add("prompt_top_logprobs", createArrayType(createArrayType(FloatType, false), true))
                    .add("seed", LongType)
                    .add("sample_index", IntegerType)
                    .add("duplicate_of", StringType)
                    .add("encoder_firing_rate", DoubleType)
                    .add("ffn_firing_rate", DoubleType)
                    .add("firing_rates", createArrayType(RATE, false)),
            OPERATIONS_COLUMNS,
            new StructType().add("prefill_millis", DoubleType).add("decode_millis", DoubleType),
            LAST_COLUMNS);

    /**
     * One row per scored token: these columns and those of {@link #TOKEN_MEASURES}.
     *
     * <p>A position counts from 0 without a prefix; ranks from 1. The token stands for the bytes [byte_begin, byte_end) of
     * the document's UTF-8.
     */
    public static final List<String> TOKEN_SCORES_KEYS = List.of("run_id", "row_id", "protocol");

    /**
     * One row per document and protocol; the columns that pass through, groups included, follow. A protocol has context,
     * stride and prefix_token unless it has no such parameter. The perplexity is exp(nll / weight), where weight is
     * scored_tokens unless the protocol weights its tokens; nll and nll_squared are weighted sums.
     */
    public static final StructType DOCUMENT_SCORES_COLUMNS = Columns.joined(
            new StructType()
                    .add("run_id", StringType)
                    .add("row_id", StringType)
                    .add("protocol", StringType)
                    .add("context", IntegerType)
                    .add("stride", IntegerType)
                    .add("prefix_token", IntegerType)
                    .add("tokens", LongType)
                    .add("scored_tokens", LongType)
                    .add("weight", DoubleType)
                    .add("bytes", LongType)
                    .add("characters", LongType)
                    .add("words", LongType)
                    .add("nll", DoubleType)
                    .add("nll_squared", DoubleType)
                    .add("encoder_firing_rate", DoubleType)
                    .add("ffn_firing_rate", DoubleType)
                    .add("ffn_firing_rate_by_layer", createArrayType(DoubleType, false))
                    .add("block_firing_rate_by_layer", createArrayType(DoubleType, false))
                    .add("firing_rates", createArrayType(RATE, false))
                    .add("firing_rates_by_layer", createArrayType(LAYER_RATES, false)),
            OPERATIONS_COLUMNS,
            LAST_COLUMNS);

    /**
     * One row per item of a multiple choice; the columns that pass through follow. Places count from 0; of equal scores
     * the first is predicted.
     */
    public static final StructType CHOICE_SCORES_COLUMNS = Columns.joined(
            new StructType()
                    .add("run_id", StringType)
                    .add("row_id", StringType)
                    .add("task", StringType)
                    .add("prefix", StringType)
                    .add("contexts", createArrayType(StringType, false))
                    .add("continuations", createArrayType(StringType, false))
                    .add("log_likelihoods", createArrayType(DoubleType, false))
                    .add("continuation_tokens", createArrayType(IntegerType, false))
                    .add("continuation_characters", createArrayType(LongType, false))
                    .add("continuation_bytes", createArrayType(LongType, false))
                    .add("greedy", createArrayType(BooleanType, false))
                    .add("target", IntegerType)
                    .add("predicted", IntegerType)
                    .add("predicted_norm", IntegerType)
                    .add("predicted_bytes", IntegerType)
                    .add("acc", IntegerType)
                    .add("acc_norm", IntegerType)
                    .add("acc_bytes", IntegerType)
                    .add("decoded_tokens", LongType),
            OPERATIONS_COLUMNS,
            LAST_COLUMNS);

    /** Columns of the summary of a multiple choice before the group columns. */
    public static final StructType CHOICE_SUMMARY_LEADING_COLUMNS =
            new StructType().add("run_id", StringType).add("task", StringType).add("level", StringType);

    /** Columns of the summary of a multiple choice after the group columns. */
    public static final StructType CHOICE_SUMMARY_METRIC_COLUMNS = new StructType()
            .add("items", LongType)
            .add("acc", DoubleType)
            .add("acc_stderr", DoubleType)
            .add("acc_norm", DoubleType)
            .add("acc_norm_stderr", DoubleType)
            .add("acc_bytes", DoubleType)
            .add("acc_bytes_stderr", DoubleType)
            .add("perplexity", DoubleType)
            .add("perplexity_stderr", DoubleType);

    /** The scores of a token under two models; the change of its probability is the model's minus the baseline's. */
    public static final StructType TOKEN_COMPARISON = new StructType()
            .add("position", IntegerType)
            .add("token_id", IntegerType)
            .add("nll", DoubleType)
            .add("baseline_nll", DoubleType)
            .add("kl_divergence", DoubleType)
            .add("same_top", BooleanType)
            .add("p_change", DoubleType);

    /**
     * One row per document that two models, or two runs, were compared on; the columns that pass through follow.
     * Finished runs have no distributions, so kl_divergence and same_top are null.
     */
    public static final StructType DOCUMENT_COMPARISONS_COLUMNS = Columns.joined(
            new StructType()
                    .add("run_id", StringType)
                    .add("row_id", StringType)
                    .add("protocol", StringType)
                    .add("scored_tokens", LongType)
                    .add("bytes", LongType)
                    .add("nll", DoubleType)
                    .add("baseline_nll", DoubleType)
                    .add("kl_divergence", DoubleType)
                    .add("same_top", LongType)
                    .add("token_comparisons", createArrayType(TOKEN_COMPARISON, false)),
            OPERATIONS_COLUMNS,
            BASELINE_OPERATIONS_COLUMNS,
            LAST_COLUMNS);

    /** One row per protocol: differences are the model, or run, minus the baseline. */
    public static final StructType COMPARISON_SUMMARY_COLUMNS = new StructType()
            .add("run_id", StringType)
            .add("protocol", StringType)
            .add("documents", LongType)
            .add("scored_tokens", LongType)
            .add("perplexity", DoubleType)
            .add("baseline_perplexity", DoubleType)
            .add("perplexity_difference", DoubleType)
            .add("perplexity_difference_stderr", DoubleType)
            .add("perplexity_difference_low", DoubleType)
            .add("perplexity_difference_high", DoubleType)
            .add("nll_difference", DoubleType)
            .add("nll_difference_stderr", DoubleType)
            .add("bits_per_byte_difference", DoubleType)
            .add("mean_kl_divergence", DoubleType)
            .add("max_kl_divergence", DoubleType)
            .add("same_top_share", DoubleType)
            .add("mean_p_change", DoubleType)
            .add("rms_p_change", DoubleType)
            .add("p_change_quantiles", createArrayType(DoubleType, true));

    /** The measures of a scored token; nll is not weighted. */
    public static final StructType TOKEN_MEASURES = new StructType()
            .add("position", IntegerType)
            .add("token_id", IntegerType)
            .add("byte_begin", IntegerType)
            .add("byte_end", IntegerType)
            .add("nll", DoubleType)
            .add("weight", DoubleType)
            .add("rank", IntegerType)
            .add("entropy", DoubleType);

    /** The scores of a document's tokens as a column, which stays in the rows until it becomes a table of its own. */
    public static final StructField TOKENS_COLUMN =
            DataTypes.createStructField("__spikelet_tokens", createArrayType(TOKEN_MEASURES, false), true);

    /** What was scored in a window of a string of documents, which stays until it goes back to the documents. */
    public static final StructField WINDOW_COLUMN = DataTypes.createStructField(
            "__spikelet_window_scores",
            new StructType()
                    .add("nlls", createArrayType(DoubleType, false))
                    .add("ranks", createArrayType(IntegerType, false))
                    .add("entropies", createArrayType(DoubleType, false)),
            true);

    /** The columns of {@link #WINDOW_SCORES}, the last of them {@link #WINDOW_COLUMN}. */
    public static final List<String> WINDOW_SCORES_COLUMNS = List.of(
            "run_id",
            "row_id",
            "protocol",
            "encoder_firing_rate",
            "ffn_firing_rate",
            "error_class",
            "error_message",
            "content_sha256",
            WINDOW_COLUMN.name());

    /** Columns of the summary before the group columns. */
    public static final StructType SUMMARY_LEADING_COLUMNS = new StructType()
            .add("run_id", StringType)
            .add("protocol", StringType)
            .add("level", StringType);

    /**
     * Columns of the summary after the group columns. Errors and the intervals of 95% have documents as the sampling
     * unit: standard_error and bits_per_byte_error by the delta method, bootstrap_error and the bounds by the
     * bootstrap. token_error is the error that llama.cpp reports, which treats tokens as independent.
     */
    public static final StructType SUMMARY_METRIC_COLUMNS = new StructType()
            .add("documents", LongType)
            .add("scored_tokens", LongType)
            .add("bytes", LongType)
            .add("words", LongType)
            .add("nll", DoubleType)
            .add("perplexity", DoubleType)
            .add("standard_error", DoubleType)
            .add("bootstrap_error", DoubleType)
            .add("perplexity_low", DoubleType)
            .add("perplexity_high", DoubleType)
            .add("token_error", DoubleType)
            .add("bits_per_byte", DoubleType)
            .add("bits_per_byte_error", DoubleType)
            .add("bits_per_byte_low", DoubleType)
            .add("bits_per_byte_high", DoubleType)
            .add("byte_perplexity", DoubleType)
            .add("word_perplexity", DoubleType);

    /** An executor of a run, and its work. */
    public static final StructType EXECUTOR_COLUMNS = new StructType()
            .add("executor", StringType)
            .add("host", StringType)
            .add("java_version", StringType)
            .add("jvm", StringType)
            .add("cpu", StringType)
            .add("kernels", StringType)
            .add("shards", LongType)
            .add("rows", LongType)
            .add("tokens", LongType)
            .add("seconds", DoubleType)
            .add("engine_seconds", DoubleType);

    /** One row per shard of a run: the attempt that committed it, its cost as planned, in tokens, as it came, where and when. */
    public static final StructType SHARDS_COLUMNS = new StructType()
            .add("run_id", StringType)
            .add("attempt", IntegerType)
            .add("shard", IntegerType)
            .add("rows", LongType)
            .add("predicted_tokens", LongType)
            .add("tokens", LongType)
            .add("seconds", DoubleType)
            .add("engine_seconds", DoubleType)
            .add("executor", StringType)
            .add("started_at", TimestampType);

    /** One row per run. */
    public static final StructType RUNS_COLUMNS = new StructType()
            .add("run_id", StringType)
            .add("command", StringType)
            .add("configuration", StringType)
            .add("model", StringType)
            .add("model_family", StringType)
            .add("model_variant", StringType)
            .add("manifest_sha256", StringType)
            .add("weights_sha256", StringType)
            .add("tokenizer_sha256", StringType)
            .add("spikelet_version", StringType)
            .add("spark_version", StringType)
            .add("java_version", StringType)
            .add("jvm", StringType)
            .add("operating_system", StringType)
            .add("cpu", StringType)
            .add("cores", IntegerType)
            .add("kernels", StringType)
            .add("master", StringType)
            .add("partitions", IntegerType)
            .add("rows", LongType)
            .add("failed_rows", LongType)
            .add("prompt_tokens", LongType)
            .add("completion_tokens", LongType)
            .add("scored_tokens", LongType)
            .add("started_at", TimestampType)
            .add("finished_at", TimestampType)
            .add("wall_seconds", DoubleType)
            .add("attempts", IntegerType)
            .add("fingerprint", StringType)
            .add("result_digest", StringType)
            .add("straggler_ratio", DoubleType)
            .add("executors", createArrayType(EXECUTOR_COLUMNS, false));

    /** The first column of {@link #COMPARED_RUNS}, before those of {@link #RUNS_COLUMNS}: {@code run} or {@code baseline}. */
    public static final StructField ROLE = DataTypes.createStructField("role", StringType, false);

    private Tables() {}
}
