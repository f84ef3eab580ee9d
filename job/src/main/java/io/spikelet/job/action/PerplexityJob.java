package io.spikelet.job.action;

import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.score.PerplexityProtocol;
import io.spikelet.job.plan.PlanRows;
import io.spikelet.job.schema.GroupColumns;
import io.spikelet.job.schema.PassThrough;
import io.spikelet.job.schema.Tables;
import io.spikelet.job.task.ScoreRows;
import io.spikelet.job.task.ScoringSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * Scores every document of an input and writes the tables {@code document_scores}, {@code summary}, {@code runs} and,
 * if requested, {@code token_scores}; under protocols that join documents also {@code window_scores}.
 */
public record PerplexityJob(PerplexityOptions options) implements ModelJob {
    /** A protocol for the trial where all that are wanted join documents, which a sample cannot be. */
    private static final String STAND_IN = "block";

    @Override
    public void check(JobContext context) {
        summarySchema(options, context.input().passThrough(), context.input().name());
    }

    @Override
    public List<String> tables() {
        return options.joins()
                ? List.of(Tables.DOCUMENT_SCORES, Tables.WINDOW_SCORES)
                : List.of(Tables.DOCUMENT_SCORES);
    }

    @Override
    public List<String> keys() {
        return List.of("row_id", "protocol");
    }

    @Override
    public int outputsPerRow() {
        return options.protocols().size();
    }

    /** The columns of the table, with the scores of the tokens if they are emitted. */
    StructType scored(JobContext context) {
        StructType scores = PassThrough.append(
                Tables.DOCUMENT_SCORES,
                Tables.DOCUMENT_SCORES_COLUMNS,
                context.input().passThrough());
        return options.emitTokens() ? scores.add(Tables.TOKENS_COLUMN) : scores;
    }

    @Override
    public StructType schema(JobContext context) {
        return options.joins() ? scored(context).add(Tables.WINDOW_COLUMN) : scored(context);
    }

    @Override
    public int passes(FamilyConfig config) {
        ScoringSettings settings = options.settings(config);
        return options.protocols().size() * Math.ceilDiv(settings.context(), settings.stride());
    }

    @Override
    public ScoreRows work(JobContext context) {
        return new ScoreRows(options.settings(context.config()));
    }

    @Override
    public PlanRows units(Run run) {
        return options.joins()
                ? new CorpusWork(run, options.settings(run.config())).units()
                : ModelJob.super.units(run);
    }

    @Override
    public void write(Run run, FinishedRows rows) {
        new ScoreTables(run, this, rows).write();
    }

    @Override
    public RunTotals totals(Dataset<Row> written) {
        return RunTotals.ofScores(written, "scored_tokens");
    }

    /** Explains in a sentence why the numbers of the protocols differ. */
    @Override
    public Optional<String> note(FamilyConfig config) {
        String readings = options.settings(config).all().stream()
                .map(protocol -> "protocol " + protocol.name() + " reads " + protocol.reading())
                .collect(Collectors.joining("; "));
        return Optional.of(
                options.protocols().size() == 1
                        ? readings + "."
                        : "The protocols differ in what the model has read before a token: " + readings + ".");
    }

    /**
     * The schema of a summary.
     *
     * @param input names the input in error messages
     * @throws io.spikelet.job.UsageException if a group column is not there
     */
    public static StructType summarySchema(PerplexityOptions options, StructType passThrough, String input) {
        return GroupColumns.between(
                Tables.SUMMARY_LEADING_COLUMNS,
                Tables.SUMMARY_METRIC_COLUMNS,
                Tables.SUMMARY,
                options.groupBy(),
                passThrough,
                input);
    }

    /** Batching and grouping do not change scores. */
    @Override
    public Map<String, Object> determining(JobContext context) {
        Map<String, Object> values = settings(context.config());
        values.remove("batch-size");
        values.remove("group-by");
        values.remove("bootstrap");
        values.remove("seed");
        return values;
    }

    @Override
    public ScoreRows sampleWork(JobContext context) {
        return new ScoreRows(alone(options.settings(context.config())));
    }

    /** The protocols that score each document on its own. */
    private static ScoringSettings alone(ScoringSettings settings) {
        List<String> names =
                settings.ofDocuments().stream().map(PerplexityProtocol::name).toList();
        return new ScoringSettings(
                names.isEmpty() ? List.of(STAND_IN) : names,
                settings.context(),
                settings.stride(),
                settings.prefix(),
                settings.batchSize(),
                settings.emitTokens());
    }

    @Override
    public Map<String, Object> settings(FamilyConfig config) {
        ScoringSettings settings = options.settings(config);
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("protocol", String.join(",", options.protocols()));
        values.put("context", settings.context());
        values.put("stride", settings.stride());
        values.put("prefix", settings.prefix().label());
        values.put("bootstrap", options.confidence().replicates());
        values.put("seed", options.confidence().seed());
        values.put("group-by", String.join(",", options.groupBy()));
        values.put("batch-size", settings.batchSize());
        values.put("emit-tokens", settings.emitTokens());
        return values;
    }
}
