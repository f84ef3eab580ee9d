package io.spikelet.job.action;

import static org.apache.spark.sql.functions.col;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.engine.model.Ablation;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.job.LiteralPath;
import io.spikelet.job.UsageException;
import io.spikelet.job.plan.Fingerprint;
import io.spikelet.job.plan.InputFormat;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.plan.PromptTemplate;
import io.spikelet.job.plan.RequestSpec;
import io.spikelet.job.plan.RunState;
import io.spikelet.job.schema.Tables;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;

/** The fingerprint of a run, and that of the work that it would continue. */
final class RunFingerprint {
    private static final ObjectMapper JSON = new ObjectMapper();

    private RunFingerprint() {}

    /** @param settings of the command that determine results */
    static Fingerprint of(Run run, Map<String, ?> settings) {
        ModelManifest manifest = run.model().manifest();
        InputSpec input = run.arguments().input();
        Map<String, Object> fields = new TreeMap<>(settings);
        fields.put("command", run.arguments().command());
        fields.put("manifest-sha256", run.model().handle().manifestSha256());
        fields.put("weights-sha256", manifest.weightsSha256());
        fields.put("tokenizer-sha256", manifest.tokenizerSha256().orElse(""));
        fields.put("format", input.format().map(InputFormat::label).orElse("by extension"));
        fields.put("text-column", input.textColumn());
        fields.put("id-column", input.idColumn().orElse(InputSpec.DEFAULT_ID_COLUMN));
        fields.put("columns", run.input().passThrough().toDDL());
        // Not the time limit: a row that finishes has the same bits with every limit, and a slow machine is not a
        // difference.
        fields.put(
                "max-prompt-tokens",
                run.arguments().limits().limitsTokens()
                        ? run.arguments().limits().promptTokens()
                        : "none");
        fields.put("max-row-bytes", run.arguments().limits().rowBytes());
        RequestSpec requests = input.requests();
        fields.put("template", requests.template().map(PromptTemplate::text).orElse("none"));
        fields.put("override-columns", String.join(",", requests.overrides()));
        fields.put("samples", requests.samples());
        fields.put("deduplicate", requests.deduplicate());
        fields.put("limit", input.limit().isPresent() ? input.limit().getAsLong() : "none");
        if (!run.arguments().model().settings().ablations().isEmpty()) {
            fields.put(
                    "ablate", Ablation.labels(run.arguments().model().settings().ablations()));
        }
        run.config().keyValueCache().ifPresent(type -> fields.put("kv-cache", type.label()));
        return Fingerprint.of(fields);
    }

    /** @throws UsageException if there is earlier work of another fingerprint */
    static void requireSame(Run run, Fingerprint now) {
        // Rows are taken from both: an earlier output may have been put back beside unfinished work.
        Optional<Fingerprint> unfinished =
                run.output().ledger().state().map(RunState::fingerprint).map(Fingerprint::of);
        Optional<Fingerprint> published = published(run);
        if (unfinished.isPresent() && published.isPresent()) {
            List<String> between = unfinished.get().differences(published.get());
            if (!between.isEmpty()) {
                throw new UsageException("--resume: --output " + run.output().target()
                        + " and the unfinished work beside it were done differently (" + String.join("; ", between)
                        + "); move one of them elsewhere, the latter is "
                        + run.output().unfinished());
            }
        }
        List<String> differences = Stream.of(unfinished, published)
                .flatMap(Optional::stream)
                .flatMap(then -> then.differences(now).stream())
                .distinct()
                .toList();
        if (!differences.isEmpty()) {
            throw new UsageException("--resume: the work in --output "
                    + run.arguments().output() + " was done differently (" + String.join("; ", differences)
                    + "); use the same options, or name another --output");
        }
    }

    /** Settings as JSON. */
    static String json(Map<String, ?> settings) {
        try {
            return JSON.writeValueAsString(settings);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("settings are plain values", e);
        }
    }

    private static Optional<Fingerprint> published(Run run) {
        if (!run.output().isPublished()) {
            return Optional.empty();
        }
        if (!run.output().hasPublished(Tables.RUNS)) {
            throw new UsageException("--resume: " + run.output().target() + " holds no table " + Tables.RUNS
                    + ", so it is not the output of a run; name another --output");
        }
        return Optional.of(Fingerprint.of(
                JSON.convertValue(lastPublished(run, "fingerprint"), new TypeReference<Map<String, String>>() {})));
    }

    /** A column of JSON of the run that was published last. */
    static JsonNode lastPublished(Run run, String column) {
        return SparkFailure.asUsage(
                "--resume: cannot read the runs of " + run.output().target(), () -> {
                    Row last = LiteralPath.table(run.spark(), run.output().publishedTable(Tables.RUNS))
                            .orderBy(col("started_at").desc())
                            .select(column)
                            .head();
                    return JSON.readTree(last.getString(0));
                });
    }

    /** Settings as they are read from JSON. */
    static JsonNode tree(Map<String, ?> settings) {
        try {
            return JSON.readTree(json(settings));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("settings are plain values", e);
        }
    }
}
