package io.spikelet.job.action;

import io.spikelet.job.LiteralPath;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.sql.ResultFormat;
import io.spikelet.job.task.GenerationSettings;
import io.spikelet.job.task.RowLimits;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Runs the bundled model end to end in one session: generate, perplexity, and SQL over both.
 *
 * @param home the folder that holds {@code datasets}
 * @param output a directory that does not exist
 */
public record Demo(Path home, Path output, OptionalInt partitions, PrintWriter out, PrintWriter err) {
    /** The bundled model, from the project root. */
    public static final String MODEL = "datasets/models/tiny";

    private static final int MAX_NEW_TOKENS = 40;
    private static final int SHOWN_PER_GROUP = 2;

    private static final String SUMMARY = """
            SELECT level, `group`, documents, scored_tokens, round(perplexity, 2) AS perplexity,
                   round(standard_error, 2) AS standard_error, round(bits_per_byte, 3) AS bits_per_byte
            FROM summary
            ORDER BY level, `group`""";

    private static final String QUESTION = """
            SELECT c.`group`,
                   count(*)                                                   AS completions,
                   round(exp(-sum(sum_logprob) / sum(completion_tokens)), 2)  AS own_perplexity,
                   round(first(s.perplexity), 2)                              AS corpus_perplexity,
                   round(avg(ffn_firing_rate), 3)                             AS ffn_firing_rate
            FROM completions c JOIN summary s ON s.level = 'group' AND s.`group` = c.`group`
            WHERE c.error_class IS NULL
            GROUP BY c.`group`
            ORDER BY corpus_perplexity""";

    /** Runs everything and prints the results. */
    public void run(SparkSession spark) {
        RunResult completed = new JobRunner(
                        arguments("generate", "datasets/prompts", "prompt"),
                        new GenerateJob(GenerationOptions.defaults(7, GenerationSettings.AUTOMATIC)
                                .withMaxNewTokens(MAX_NEW_TOKENS)))
                .check()
                .execute(spark);
        printCompletions(spark, completed);

        RunResult scored = new JobRunner(
                        arguments("perplexity", "datasets/corpus", "text"),
                        new PerplexityJob(PerplexityOptions.defaults(List.of("group"), false)))
                .check()
                .execute(spark);
        out.printf(
                "%n%d documents scored, %d tokens (perplexity, protocol document):%n%n",
                scored.rows(), scored.tokens());
        new SqlAction(List.of(scored.output()), SUMMARY, ResultFormat.TABLE).execute(spark, out, err);

        out.printf("%nPerplexity of the model's own text and of text in the same style:%n%n");
        out.println(QUESTION.indent(2));
        new SqlAction(List.of(completed.output(), scored.output()), QUESTION, ResultFormat.TABLE)
                .execute(spark, out, err);
        out.printf(
                "%nThe tables are Parquet files in %s; query them with%n  scripts/spikelet sql --results %s \"SELECT …\"%n",
                output, output.resolve("generate"));
        out.flush();
    }

    private void printCompletions(SparkSession spark, RunResult completed) {
        out.printf("%d prompts completed, some of them:%n", completed.rows());
        List<Row> rows = LiteralPath.table(spark, completed.output() + "/completions")
                .where("error_class IS NULL")
                .selectExpr("*", "row_number() OVER (PARTITION BY `group` ORDER BY row_id) AS place")
                .where("place <= " + SHOWN_PER_GROUP)
                .orderBy("group", "row_id")
                .collectAsList();
        for (Row row : rows) {
            out.printf(
                    "%n[%s]%n%s |%s%n",
                    row.<String>getAs("row_id"), row.<String>getAs("prompt"), row.<String>getAs("completion"));
        }
        out.flush();
    }

    private RunArguments arguments(String command, String input, String column) {
        return new RunArguments(
                command,
                ModelLocation.of(home.resolve(MODEL)),
                InputSpec.of(home.resolve(input).toString(), column),
                output.resolve(command).toString(),
                partitions,
                ResumePolicy.NEW,
                RowLimits.NONE,
                err::println);
    }
}
