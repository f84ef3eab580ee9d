package io.spikelet.job.action;

import io.spikelet.job.schema.GroupColumns;
import io.spikelet.job.schema.PassThrough;
import io.spikelet.job.schema.Tables;
import io.spikelet.job.task.RowCounter;
import io.spikelet.job.task.ScoreRows;
import io.spikelet.job.task.ScoringSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Scores every document of an input and leaves the tables {@code document_scores}, {@code summary}, {@code runs} and, if
 * asked for, {@code token_scores}; under protocols that join documents also {@code window_scores}.
 */
public final class PerplexityAction {
    private final RunRequest request;
    private final PerplexityOptions options;
    private ScoringSettings executed;

    public PerplexityAction(RunRequest request, PerplexityOptions options) {
        this.request = request;
        this.options = options;
    }

    /** Checks what needs no Spark, so that a slip costs no start of it. */
    public PerplexityAction check() {
        RunModel.precheck(request.model(), options::settings);
        return this;
    }

    /**
     * Runs to the end.
     *
     * @throws IllegalArgumentException if model, input, options or output are not usable; nothing was done
     * @throws io.spikelet.job.RunFailedException if the work failed; nothing was published
     */
    public RunResult execute(SparkSession spark) {
        try (Run run = Run.begin(spark, request)) {
            ScoringSettings settings = options.settings(run.model().config());
            executed = settings;
            StructType passThrough = run.input().passThrough();
            StructType scores = PassThrough.append(Tables.DOCUMENT_SCORES, Tables.DOCUMENT_SCORES_COLUMNS, passThrough);
            StructType summary =
                    summarySchema(options, passThrough, request.input().path());
            run.count(1, determining(settings));
            return run.work(() -> score(run, settings, scores, summary));
        }
    }

    /**
     * Why the numbers of the protocols differ, in a sentence for people.
     *
     * @throws IllegalStateException if nothing has been executed
     */
    public String reading() {
        if (executed == null) {
            throw new IllegalStateException("execute first");
        }
        String readings = executed.all().stream()
                .map(protocol -> protocol.name() + " reads " + protocol.reading())
                .collect(Collectors.joining("; "));
        return executed.protocols().size() == 1
                ? readings + "."
                : "The protocols differ in what the model has read before a token: " + readings + ".";
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

    private RunResult score(Run run, ScoringSettings settings, StructType scores, StructType summary) {
        StructType scored = options.emitTokens() ? scores.add(Tables.TOKENS_COLUMN) : scores;
        boolean joins = !settings.ofCorpus().isEmpty();
        StructType results = joins ? scored.add(Tables.WINDOW_COLUMN) : scored;
        RowCounter counter = RowCounter.of(run.spark().sparkContext());
        SlicedWork work = new SlicedWork(
                run,
                joins ? List.of(Tables.DOCUMENT_SCORES, Tables.WINDOW_SCORES) : List.of(Tables.DOCUMENT_SCORES),
                results,
                List.of("row_id", "protocol"),
                settings.protocols().size());
        UnaryOperator<Dataset<Row>> task = rows -> rows.mapPartitions(
                new ScoreRows(
                        run.broadcastHandle(), run.id(), settings, run.request().limits(), counter),
                Encoders.row(results));
        Optional<CorpusWork> corpus = joins ? Optional.of(new CorpusWork(run, settings)) : Optional.empty();
        if (joins) {
            work.finish(corpus.get().units(), task, counter);
        } else {
            work.finish(task, counter, 0);
        }
        if (work.isNews()) {
            new ScoreTables(run, work, settings, options, scored).write(corpus, summary);
        }
        RunTotals totals = RunTotals.ofScores(work.written(), "scored_tokens");
        run.requireRows(Tables.DOCUMENT_SCORES, totals.rows(), work.wantedRows());
        if (work.isNews()) {
            RunMetadata.write(run, describe(settings), totals);
        }
        work.publish();
        return run.result(totals);
    }

    /** How tokens share a pass and how documents are grouped do not determine scores. */
    private Map<String, Object> determining(ScoringSettings settings) {
        Map<String, Object> values = describe(settings);
        values.remove("batch-size");
        values.remove("group-by");
        values.remove("bootstrap");
        values.remove("seed");
        return values;
    }

    private Map<String, Object> describe(ScoringSettings settings) {
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
