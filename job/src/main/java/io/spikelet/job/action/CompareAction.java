package io.spikelet.job.action;

import io.spikelet.engine.model.Ablation;
import io.spikelet.job.UsageException;
import io.spikelet.job.executor.ModelHandle;
import io.spikelet.job.schema.PassThrough;
import io.spikelet.job.schema.Tables;
import io.spikelet.job.sql.ComparisonSummary;
import io.spikelet.job.task.CompareRows;
import io.spikelet.job.task.CompareSettings;
import io.spikelet.job.task.RowCounter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import scala.reflect.ClassTag$;

/**
 * Compares a model with a baseline on every document of an input and leaves the tables {@code document_comparisons},
 * {@code comparison_summary} and {@code runs}.
 */
public final class CompareAction {
    private final RunRequest request;
    private final CompareOptions options;

    public CompareAction(RunRequest request, CompareOptions options) {
        this.request = request;
        this.options = options;
    }

    /** Checks what needs no Spark, so that a slip costs no start of it. */
    public CompareAction check() {
        RunModel.precheck(request.model(), options::settings);
        RunModel.precheck(options.baseline(), config -> {});
        return this;
    }

    /**
     * Runs to the end.
     *
     * @throws IllegalArgumentException if a model, the input, options or output are not usable; nothing was done
     * @throws io.spikelet.job.RunFailedException if the work failed; nothing was published
     */
    public RunResult execute(SparkSession spark) {
        try (RunModel baseline =
                        RunModel.open(options.baseline(), spark.sparkContext().hadoopConfiguration());
                Run run = Run.begin(spark, request)) {
            requireComparable(run.model(), baseline);
            CompareSettings settings = options.settings(run.model().config());
            StructType schema = PassThrough.append(
                    Tables.DOCUMENT_COMPARISONS,
                    Tables.DOCUMENT_COMPARISONS_COLUMNS,
                    run.input().passThrough());
            run.count(1, determining(settings, baseline));
            return run.work(() -> compare(run, baseline, settings, schema));
        }
    }

    private static void requireComparable(RunModel model, RunModel baseline) {
        boolean isSame =
                model.manifest().tokenizerSha256().equals(baseline.manifest().tokenizerSha256())
                        && model.config().vocabSize() == baseline.config().vocabSize();
        if (!isSame) {
            throw new UsageException("--model and --baseline have different tokenizers or vocabularies; token by token"
                    + " only models with the same can be compared: compare their bits per byte instead");
        }
    }

    private RunResult compare(Run run, RunModel baseline, CompareSettings settings, StructType schema) {
        RowCounter counter = RowCounter.of(run.spark().sparkContext());
        Broadcast<ModelHandle> other =
                run.spark().sparkContext().broadcast(baseline.handle(), ClassTag$.MODULE$.apply(ModelHandle.class));
        CompareRows task = new CompareRows(
                run.broadcastHandle(), other, run.id(), settings, run.request().limits(), counter);
        SlicedWork work = new SlicedWork(run, Tables.DOCUMENT_COMPARISONS, schema, List.of("row_id", "protocol"), 1);
        work.finish(rows -> rows.mapPartitions(task, Encoders.row(schema)), counter, 0);
        if (work.isNews()) {
            work.last().drop(Versions.SLICE).write().parquet(run.output().table(Tables.DOCUMENT_COMPARISONS));
            new ComparisonSummary(work.written(), run.id())
                    .rows()
                    .coalesce(1)
                    .write()
                    .parquet(run.output().table(Tables.COMPARISON_SUMMARY));
        }
        RunTotals totals = RunTotals.ofScores(work.written(), "scored_tokens");
        run.requireRows(Tables.DOCUMENT_COMPARISONS, totals.rows(), work.wantedRows());
        if (work.isNews()) {
            RunMetadata.write(run, describe(settings), totals);
        }
        work.publish();
        return run.result(totals);
    }

    private Map<String, Object> determining(CompareSettings settings, RunModel baseline) {
        Map<String, Object> values = describe(settings);
        values.remove("batch-size");
        values.remove("baseline"); // its place is no result, its content is
        values.put("baseline-manifest-sha256", baseline.handle().manifestSha256());
        return values;
    }

    private Map<String, Object> describe(CompareSettings settings) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("baseline", options.baseline().toString());
        values.put("baseline-ablate", Ablation.labels(options.baseline().ablations()));
        values.put("protocol", settings.protocol());
        values.put("context", settings.context());
        values.put("stride", settings.stride());
        values.put("batch-size", settings.batchSize());
        return values;
    }
}
