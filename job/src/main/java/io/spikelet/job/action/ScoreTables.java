package io.spikelet.job.action;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;

import io.spikelet.engine.score.PerplexityProtocol;
import io.spikelet.job.LiteralPath;
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
    private final SlicedWork work;
    private final ScoringSettings settings;
    private final PerplexityOptions options;
    private final StructType scored;

    /** @param scored schema of the document_scores table with the scores of the tokens, if they are emitted */
    ScoreTables(Run run, SlicedWork work, ScoringSettings settings, PerplexityOptions options, StructType scored) {
        this.run = run;
        this.work = work;
        this.settings = settings;
        this.options = options;
        this.scored = scored;
    }

    /**
     * Writes everything but the record of the run.
     *
     * @param corpus the protocols that join documents, if there are any
     */
    void write(Optional<CorpusWork> corpus, StructType summary) {
        Object[] ofDocuments =
                settings.ofDocuments().stream().map(PerplexityProtocol::name).toArray();
        Dataset<Row> documents = work.last().where(col("protocol").isin(ofDocuments));
        Dataset<Row> finished = documents.select(Versions.columns(scored));
        if (corpus.isPresent()) {
            Dataset<Row> windows = work.last().where(col("protocol").equalTo(Tables.WINDOW_PROTOCOL));
            windows.select(Tables.WINDOW_SCORES_COLUMNS.stream()
                            .map(name -> col(name))
                            .toArray(Column[]::new))
                    .write()
                    .parquet(run.output().table(Tables.WINDOW_SCORES));
            Dataset<Row> joined = corpus.get().documents(windows, scored);
            finished = finished.union(joined).coalesce(work.files());
            if (options.emitTokens()) {
                writeTokens(documents, Optional.of(joined));
            }
        } else if (options.emitTokens()) {
            writeTokens(documents, Optional.empty());
        }
        finished.drop(TOKENS).write().parquet(run.output().table(Tables.DOCUMENT_SCORES));
        new Summary(work.written(), run.id(), options.groupBy(), options.confidence(), summary)
                .rows()
                .coalesce(1)
                .write()
                .parquet(run.output().table(Tables.SUMMARY));
    }

    private void writeTokens(Dataset<Row> documents, Optional<Dataset<Row>> joined) {
        Dataset<Row> tokens = tokens(documents);
        if (run.output().isPublished()) {
            Dataset<Row> kept = documents.where(col(Versions.SLICE).equalTo(Versions.PUBLISHED));
            tokens = LiteralPath.read(run.spark())
                    .parquet(run.output().publishedTable(Tables.TOKEN_SCORES))
                    .join(kept.select("row_id", "protocol"), new String[] {"row_id", "protocol"}, "left_semi")
                    .select(Arrays.stream(tokens.columns())
                            .map(name -> col(name))
                            .toArray(Column[]::new))
                    .union(tokens)
                    .coalesce(work.files());
        }
        Dataset<Row> all = joined.map(ScoreTables::tokens).map(tokens::union).orElse(tokens);
        all.write().parquet(run.output().table(Tables.TOKEN_SCORES));
    }

    private static Dataset<Row> tokens(Dataset<Row> documents) {
        Column[] keys = Tables.TOKEN_SCORES_KEYS.stream().map(name -> col(name)).toArray(Column[]::new);
        return documents
                .select(Stream.concat(
                                Arrays.stream(keys),
                                Stream.of(explode(col(TOKENS)).as("token")))
                        .toArray(Column[]::new))
                .select(Stream.concat(Arrays.stream(keys), Stream.of(col("token.*")))
                        .toArray(Column[]::new));
    }
}
