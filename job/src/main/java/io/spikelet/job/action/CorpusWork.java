package io.spikelet.job.action;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import io.spikelet.engine.score.PerplexityProtocol;
import io.spikelet.job.LiteralPath;
import io.spikelet.job.plan.PlanRows;
import io.spikelet.job.schema.Columns;
import io.spikelet.job.schema.CorpusColumns;
import io.spikelet.job.schema.Tables;
import io.spikelet.job.task.CorpusWindower;
import io.spikelet.job.task.ScoringSettings;
import io.spikelet.job.task.WindowScoreSplitter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The protocols of a run that score one string of all documents. One task joins the documents, in the order of file
 * name and position, and cuts the string into windows; the windows are rows of the plan like documents, identified by
 * the tokens that the model reads, so that equal windows run once and windows that were scored before are not scored
 * again. Their scores are assigned to the documents. Not thread-safe.
 */
final class CorpusWork {
    private static final String[] OWNER = {"row_id", "content_sha256", "protocol"};

    private final Run run;
    private final ScoringSettings settings;
    private final StructType inputSchema;
    private final String path;

    CorpusWork(Run run, ScoringSettings settings) {
        this.run = run;
        this.settings = settings;
        this.inputSchema = PlanRows.schema(run.input());
        this.path = run.output().scratch("joined");
    }

    /** The work of the run: the windows, and the documents if there are protocols of single ones. */
    PlanRows units() {
        IntStream.range(0, settings.layouts().size())
                .mapToObj(layout -> run.input()
                        .sortedByPosition(run.planPartitions())
                        .mapPartitions(
                                new CorpusWindower(
                                        run.handle(), settings, run.arguments().limits(), layout),
                                Encoders.row(CorpusColumns.append(inputSchema))))
                .reduce(Dataset::union)
                .orElseThrow()
                .write()
                .parquet(path);
        StructType schema = inputSchema.add(CorpusColumns.WINDOW, CorpusColumns.WINDOW_TYPE);
        Dataset<Row> rows = joined().where(col(CorpusColumns.WINDOW).isNotNull())
                .dropDuplicates(new String[] {"row_id"})
                .select(Columns.of(schema));
        long windows = rows.count();
        boolean hasDocuments = !settings.ofDocuments().isEmpty();
        rows = hasDocuments
                ? PlanRows.windowsAnd(rows, run.input(), run.planPartitions(), CorpusColumns.WINDOW)
                : PlanRows.windows(rows);
        Column tokens = when(
                        col(CorpusColumns.WINDOW).isNotNull(),
                        size(col(CorpusColumns.WINDOW + ".token_ids")).cast(DataTypes.LongType))
                .otherwise(PlanRows.tokens(0));
        OptionalLong documents = hasDocuments
                ? OptionalLong.empty()
                : OptionalLong.of(
                        places().where(col(CorpusColumns.LAYOUT).equalTo(0)).count());
        return new PlanRows(rows, schema, tokens, documents, windows);
    }

    /**
     * The rows of the protocols: one for each document and each of them, with the scores of their tokens.
     *
     * @param results of the windows
     * @param schema of the rows
     */
    Dataset<Row> documents(Dataset<Row> results, StructType schema) {
        String window = Tables.WINDOW_COLUMN.name();
        Dataset<Row> sums = sums(joined().where(col(CorpusColumns.WINDOW).isNotNull())
                .select("row_id", CorpusColumns.LAYOUT, CorpusColumns.WINDOW, CorpusColumns.SCORED)
                .join(results.select("row_id", "error_class", "error_message", window), "row_id")
                .flatMap(new WindowScoreSplitter(settings), Encoders.row(WindowScoreSplitter.PARTS)));
        Column failure = coalesce(col("error_class"), col("__spikelet_error_class"));
        Map<String, Column> values = new HashMap<>();
        values.put("run_id", lit(run.id()));
        values.put("context", ofProtocol(PerplexityProtocol::context));
        values.put("stride", ofProtocol(PerplexityProtocol::stride));
        values.put("prefix_token", col(CorpusColumns.PREFIX));
        values.put("tokens", when(failure.isNull(), col(CorpusColumns.TOKENS)));
        for (String name : List.of("scored_tokens", "weight", "bytes", "nll", "nll_squared")) {
            values.put(name, when(failure.isNull(), coalesce(col(name), lit(0))));
        }
        values.put("error_class", failure);
        values.put("error_message", coalesce(col("error_message"), col("__spikelet_error_message")));
        values.put(Tables.TOKENS_COLUMN.name(), when(failure.isNull(), col("__spikelet_measures")));
        List<String> kept = Stream.concat(
                        Stream.of(OWNER), Stream.of(run.input().passThrough().fieldNames()))
                .toList();
        Column[] columns = Stream.of(schema.fields())
                .map(field -> kept.contains(field.name())
                        ? Columns.named(field.name())
                        : values.getOrDefault(field.name(), lit(null))
                                .cast(field.dataType())
                                .as(field.name()))
                .toArray(Column[]::new);
        Dataset<Row> rows = places().withColumn("protocol", explode(protocolsOfLayout()))
                .join(sums, OWNER, "left_outer")
                .select(columns);
        String written = run.output().scratch("corpus");
        rows.write().parquet(written);
        return LiteralPath.read(run.spark()).schema(schema).parquet(written);
    }

    /** Sums of the parts of each document, in the order of the windows. */
    private static Dataset<Row> sums(Dataset<Row> parts) {
        Column sorted = array_sort(collect_list(struct(
                col("number"),
                col("scored_tokens"),
                col("weight"),
                col("bytes"),
                col("nll"),
                col("nll_squared"),
                col("tokens"))));
        return parts.groupBy(Columns.named(List.of(OWNER)))
                .agg(
                        sorted.as("parts"),
                        min("error_class").as("__spikelet_error_class"),
                        min("error_message").as("__spikelet_error_message"))
                .select(
                        col("row_id"),
                        col("content_sha256"),
                        col("protocol"),
                        col("__spikelet_error_class"),
                        col("__spikelet_error_message"),
                        sum("scored_tokens", "0L"),
                        sum("weight", "0D"),
                        sum("bytes", "0L"),
                        sum("nll", "0D"),
                        sum("nll_squared", "0D"),
                        expr("flatten(transform(parts, p -> p.tokens))").as("__spikelet_measures"));
    }

    private static Column sum(String name, String zero) {
        return expr("aggregate(parts, " + zero + ", (s, p) -> s + p." + name + ")")
                .as(name);
    }

    private Column ofProtocol(ToIntFunction<PerplexityProtocol> parameter) {
        Column value = lit(null).cast(DataTypes.IntegerType);
        for (PerplexityProtocol protocol : settings.ofCorpus()) {
            int number = parameter.applyAsInt(protocol);
            value = number > 0
                    ? when(col("protocol").equalTo(protocol.name()), number).otherwise(value)
                    : value;
        }
        return value;
    }

    private Column protocolsOfLayout() {
        Column names = lit(null).cast(DataTypes.createArrayType(DataTypes.StringType));
        for (int layout = 0; layout < settings.layouts().size(); layout++) {
            Column[] own = settings.layouts().get(layout).stream()
                    .map(protocol -> lit(protocol.name()))
                    .toArray(Column[]::new);
            names = when(col(CorpusColumns.LAYOUT).equalTo(layout), array(own)).otherwise(names);
        }
        return names;
    }

    private Dataset<Row> places() {
        return joined().where(col(CorpusColumns.WINDOW).isNull());
    }

    private Dataset<Row> joined() {
        return LiteralPath.read(run.spark())
                .schema(CorpusColumns.append(inputSchema))
                .parquet(path);
    }
}
