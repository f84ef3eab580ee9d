package io.spikelet.job.action;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.exp;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.negate;
import static org.apache.spark.sql.functions.sort_array;
import static org.apache.spark.sql.functions.struct;

import io.spikelet.job.LiteralPath;
import io.spikelet.job.UsageException;
import io.spikelet.job.plan.OutputDirectory;
import io.spikelet.job.schema.Columns;
import io.spikelet.job.schema.PassThrough;
import io.spikelet.job.schema.Tables;
import io.spikelet.job.sql.ComparisonSummary;
import io.spikelet.job.sql.ResultViews;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Compares two finished perplexity runs on the documents that both have scored under the same protocol, and leaves the
 * tables {@code document_comparisons}, {@code comparison_summary} and {@code compared_runs}. Finished runs have no
 * distributions, so there is no KL divergence and no top-1 agreement; changes of probabilities need the tokens of both
 * ({@code --emit-tokens}).
 *
 * @param run and {@code baseline}: directories that perplexity wrote
 */
public record CompareRunsAction(String run, String baseline, String output) {
    private static final String[] KEYS = {"row_id", "protocol"};

    private static final List<StructField> OPERATIONS = List.of(Tables.OPERATIONS_COLUMNS.fields());

    /**
     * What was compared.
     *
     * @param documents rows of the result: a document and a protocol each
     * @param unmatched documents and protocols that only one of the runs has scored, or whose texts differ
     */
    public record Result(String output, long documents, long unmatched) {}

    /** Checks what needs no Spark. */
    public CompareRunsAction check() {
        for (String directory : List.of(run, baseline)) {
            Map<String, String> tables = ResultViews.tables(directory, new Configuration());
            if (!tables.containsKey(Tables.DOCUMENT_SCORES)) {
                throw new UsageException(
                        directory + " has no table " + Tables.DOCUMENT_SCORES + "; give the --output of a perplexity");
            }
        }
        return this;
    }

    /**
     * Runs to the end.
     *
     * @throws UsageException if the runs have no document in common or the output cannot be written
     */
    public Result execute(SparkSession spark) {
        Configuration configuration = spark.sparkContext().hadoopConfiguration();
        try (SmallWork ignored = SmallWork.on(spark, List.of(run, baseline));
                OutputDirectory target =
                        OutputDirectory.reserve(output, List.of(run, baseline), false, configuration)) {
            Dataset<Row> model = scored(spark, run);
            Dataset<Row> other = scored(spark, baseline);
            Dataset<Row> both = documents(model, other, tokens(spark, configuration));
            both.write().parquet(target.table(Tables.DOCUMENT_COMPARISONS));
            Dataset<Row> written = LiteralPath.table(spark, target.table(Tables.DOCUMENT_COMPARISONS));
            long documents = written.count();
            if (documents == 0) {
                throw new UsageException(run + " and " + baseline
                        + " have no document in common: row id, protocol and text must be the same");
            }
            DriverTable.write(
                    new ComparisonSummary(written, model.head().getAs("run_id")).rows(),
                    target.table(Tables.COMPARISON_SUMMARY));
            DriverTable.write(records(spark, configuration), target.table(Tables.COMPARED_RUNS));
            target.publish();
            return new Result(target.target(), documents, model.count() + other.count() - 2 * documents);
        }
    }

    /** The records of both runs; the last one of a table with several. */
    private Dataset<Row> records(SparkSession spark, Configuration configuration) {
        List<Row> records = new ArrayList<>();
        for (String directory : List.of(run, baseline)) {
            String runs = ResultViews.tables(directory, configuration).get(Tables.RUNS);
            if (runs == null) {
                throw new UsageException(
                        directory + " has no table " + Tables.RUNS + "; give the whole --output of a perplexity");
            }
            Row last = LiteralPath.read(spark)
                    .schema(Tables.RUNS_COLUMNS)
                    .parquet(runs)
                    .orderBy(col("finished_at").desc())
                    .head();
            List<Object> values = new ArrayList<>(List.of(records.isEmpty() ? "run" : "baseline"));
            IntStream.range(0, last.size()).forEach(n -> values.add(last.get(n)));
            records.add(RowFactory.create(values.toArray()));
        }
        StructType columns = Columns.joined(new StructType().add(Tables.ROLE), Tables.RUNS_COLUMNS);
        return spark.createDataFrame(records, columns);
    }

    private static Dataset<Row> scored(SparkSession spark, String directory) {
        return LiteralPath.table(spark, table(spark, directory, Tables.DOCUMENT_SCORES))
                .where(col("error_class").isNull());
    }

    private static String table(SparkSession spark, String directory, String name) {
        return ResultViews.tables(directory, spark.sparkContext().hadoopConfiguration())
                .get(name);
    }

    private Dataset<Row> documents(Dataset<Row> model, Dataset<Row> other, Dataset<Row> tokens) {
        List<Column> ofBaseline = new ArrayList<>(List.of(
                col("row_id"),
                col("protocol"),
                col("content_sha256"),
                col("scored_tokens"),
                col("nll").as("baseline_nll")));
        for (StructField field : OPERATIONS) {
            ofBaseline.add(Columns.orNull(other, field.name(), field.dataType()) // earlier versions counted none
                    .as(Tables.BASELINE + field.name()));
        }
        Dataset<Row> base = other.select(ofBaseline.toArray(Column[]::new));
        Dataset<Row> joined = model.join(base, new String[] {"row_id", "protocol", "content_sha256", "scored_tokens"})
                .join(tokens, KEYS, "left_outer");
        Stream<Column> own = Stream.of(Tables.DOCUMENT_COMPARISONS_COLUMNS.fields())
                .map(field -> switch (field.name()) {
                    case "kl_divergence", "same_top" ->
                        lit(null).cast(field.dataType()).as(field.name());
                    case "token_comparisons" -> col(field.name()).cast(field.dataType());
                    default ->
                        OPERATIONS.contains(field)
                                ? Columns.orNull(model, field.name(), field.dataType())
                                : col(field.name());
                });
        return joined.select(Stream.concat(own, passedThrough(model)).toArray(Column[]::new))
                .orderBy("row_id", "protocol");
    }

    /** The columns that passed through the run, except those whose names the table uses. */
    private static Stream<Column> passedThrough(Dataset<Row> model) {
        StructType taken = Columns.joined(Tables.DOCUMENT_SCORES_COLUMNS, Tables.DOCUMENT_COMPARISONS_COLUMNS);
        return Stream.of(PassThrough.of(model.schema(), taken).fieldNames())
                .map(name -> model.col(Columns.quoted(name)));
    }

    /** The tokens of each document, if both runs have them. */
    private Dataset<Row> tokens(SparkSession spark, Configuration configuration) {
        boolean hasTokens = ResultViews.tables(run, configuration).containsKey(Tables.TOKEN_SCORES)
                && ResultViews.tables(baseline, configuration).containsKey(Tables.TOKEN_SCORES);
        if (!hasTokens) {
            return scored(spark, run)
                    .select(col("row_id"), col("protocol"), lit(null).as("token_comparisons"));
        }
        String[] keys = {"row_id", "protocol", "position", "token_id"};
        Dataset<Row> model = LiteralPath.table(spark, table(spark, run, Tables.TOKEN_SCORES));
        Dataset<Row> other = LiteralPath.table(spark, table(spark, baseline, Tables.TOKEN_SCORES))
                .select(
                        col("row_id"),
                        col("protocol"),
                        col("position"),
                        col("token_id"),
                        col("nll").as("baseline_nll"));
        Column change = exp(negate(col("nll"))).minus(exp(negate(col("baseline_nll"))));
        return model.join(other, keys)
                .groupBy("row_id", "protocol")
                .agg(sort_array(collect_list(struct(
                                col("position"),
                                col("token_id"),
                                col("nll"),
                                col("baseline_nll"),
                                lit(null).cast("double").as("kl_divergence"),
                                lit(null).cast("boolean").as("same_top"),
                                change.as("p_change"))))
                        .as("token_comparisons"));
    }
}
