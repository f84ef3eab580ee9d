package io.spikelet.job.action;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.inline;

import io.spikelet.engine.score.PerplexityProtocol;
import io.spikelet.job.LiteralPath;
import io.spikelet.job.schema.Columns;
import io.spikelet.job.schema.Tables;
import io.spikelet.job.sql.Summary;
import io.spikelet.job.task.ScoringSettings;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** Writes the tables of a scoring run from its finished work. */
final class ScoreTables {
    private static final String TOKENS = Tables.TOKENS_COLUMN.name();

    private final Run run;
    private final PerplexityJob job;
    private final FinishedRows rows;
    private final PerplexityOptions options;
    private final ScoringSettings settings;

    ScoreTables(Run run, PerplexityJob job, FinishedRows rows) {
        this.run = run;
        this.job = job;
        this.rows = rows;
        this.options = job.options();
        this.settings = options.settings(run.config());
    }

    /** Writes everything except the record of the run. */
    void write() {
        if (options.joins() || options.emitTokens()) {
            writeScores(rows.stored());
        } else {
            rows.writeMain();
        }
        StructType schema = PerplexityJob.summarySchema(
                options, run.input().passThrough(), run.input().name());
        Summary summary = new Summary(rows.written(), run.id(), options.groupBy(), options.confidence(), schema);
        rows.writeSmall(summary.rows(), Tables.SUMMARY);
    }

    /** Several tables from rows that are computed once. */
    private void writeScores(Dataset<Row> last) {
        Object[] ofDocuments =
                settings.ofDocuments().stream().map(PerplexityProtocol::name).toArray();
        Dataset<Row> documents = last.where(col("protocol").isin(ofDocuments));
        StructType scored = job.scored(run);
        Dataset<Row> finished = documents.select(Columns.of(scored));
        Optional<Dataset<Row>> joined = Optional.empty();
        if (options.joins()) {
            Dataset<Row> windows = last.where(col("protocol").equalTo(Tables.WINDOW_PROTOCOL));
            JobRunner.requireRows("the table " + Tables.WINDOW_SCORES, windows.count(), rows.windows());
            windows.select(Columns.named(Tables.WINDOW_SCORES_COLUMNS))
                    .write()
                    .parquet(run.output().table(Tables.WINDOW_SCORES));
            joined = Optional.of(new CorpusWork(run, settings).documents(windows, scored));
            finished = finished.union(joined.get()).coalesce(rows.files());
        }
        if (options.emitTokens()) {
            writeTokens(documents, joined);
        }
        finished.drop(TOKENS).write().parquet(run.output().table(Tables.DOCUMENT_SCORES));
    }

    private void writeTokens(Dataset<Row> documents, Optional<Dataset<Row>> joined) {
        Dataset<Row> tokens = tokens(documents);
        if (run.output().isPublished()) {
            Dataset<Row> kept = documents.where(col(CommittedRows.ATTEMPT).equalTo(CommittedRows.PUBLISHED));
            tokens = LiteralPath.table(run.spark(), run.output().publishedTable(Tables.TOKEN_SCORES))
                    .join(kept.select("row_id", "protocol"), new String[] {"row_id", "protocol"}, "left_semi")
                    .select(Columns.of(tokens.schema()))
                    .union(tokens)
                    .coalesce(rows.files());
        }
        Dataset<Row> all = joined.map(ScoreTables::tokens).map(tokens::union).orElse(tokens);
        all.write().parquet(run.output().table(Tables.TOKEN_SCORES));
    }

    private static Dataset<Row> tokens(Dataset<Row> documents) {
        return documents.select(
                Stream.concat(Arrays.stream(Columns.named(Tables.TOKEN_SCORES_KEYS)), Stream.of(inline(col(TOKENS))))
                        .toArray(Column[]::new));
    }
}
