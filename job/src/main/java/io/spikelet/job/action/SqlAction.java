package io.spikelet.job.action;

import io.spikelet.job.UsageException;
import io.spikelet.job.sql.ResultFormat;
import io.spikelet.job.sql.ResultPrinter;
import io.spikelet.job.sql.ResultViews;
import io.spikelet.job.sql.SpikeletFunctions;
import io.spikelet.job.sql.SqlStatements;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Answers SQL statements over the tables of result directories, with {@link SpikeletFunctions}.
 *
 * @param statements one, or several with semicolons between them
 * @param widest characters of a cell of a table, after which it is cut; 0 for whole texts
 */
public record SqlAction(List<String> results, String statements, ResultFormat format, int widest) {
    /** Comments, then the word that says what a statement does. */
    private static final Pattern FIRST_WORDS = Pattern.compile("(?:\\s|--[^\\n]*+\\n|/\\*(?s:.*?)\\*/)*+([A-Za-z]+)");

    private static final Set<String> CHANGES =
            Set.of("INSERT", "UPDATE", "DELETE", "MERGE", "DROP", "ALTER", "TRUNCATE", "LOAD", "MSCK", "REPAIR");

    public SqlAction {
        if (widest < 0) {
            throw new UsageException(
                    "--max-width is " + widest + "; it must be a number of characters, or 0 for whole texts");
        }
        results = List.copyOf(results);
    }

    /** With cells of the usual width. */
    public SqlAction(List<String> results, String statements, ResultFormat format) {
        this(results, statements, format, ResultPrinter.WIDEST_CELL);
    }

    /** Checks what needs no Spark. */
    public SqlAction check() {
        results.forEach(directory -> ResultViews.tables(directory, new Configuration()));
        return this;
    }

    /**
     * Prints the answers.
     *
     * @param out rows and nothing else
     * @throws UsageException if a directory holds no tables, or a statement is wrong
     */
    public void execute(SparkSession spark, PrintWriter out, PrintWriter err) {
        open(spark);
        answer(spark, statements, out, err);
    }

    /**
     * Registers the tables in a session.
     *
     * @throws UsageException if a directory holds no tables
     */
    public void open(SparkSession spark) {
        SparkFailure.asUsage("cannot read --results " + String.join(", ", results), () -> {
            ResultViews.create(spark, results);
            SpikeletFunctions.register(spark);
            return null;
        });
    }

    /**
     * Prints the answers to statements, in an open session; between tables, and between tables of CSV, is an empty
     * line.
     *
     * @throws UsageException if a statement is wrong; those before it are answered
     */
    public void answer(SparkSession spark, String text, PrintWriter out, PrintWriter err) {
        List<String> all = SqlStatements.of(text).all();
        if (all.isEmpty()) {
            throw new UsageException("SQL: there is no statement in \"" + text.strip() + "\"");
        }
        try (SmallWork ignored = SmallWork.on(spark, results)) {
            boolean isFirst = true;
            for (String statement : all) {
                boolean separates = !isFirst && format != ResultFormat.JSON;
                isFirst &= !answerOne(spark, statement, separates, out, err);
            }
        }
    }

    /** Tables of results are read here, never changed. */
    private static void requireQuery(String statement) {
        Matcher first = FIRST_WORDS.matcher(statement);
        if (first.lookingAt() && CHANGES.contains(first.group(1).toUpperCase(Locale.ROOT))) {
            throw new UsageException("SQL: " + first.group(1).toUpperCase(Locale.ROOT)
                    + " is no query; sql reads tables and changes none. For a result of your own write CREATE TEMPORARY VIEW,"
                    + " or --format csv and redirect");
        }
    }

    /** Whether there was something to print. */
    private boolean answerOne(
            SparkSession spark, String statement, boolean separates, PrintWriter out, PrintWriter err) {
        requireQuery(statement);
        return SparkFailure.asStatement(() -> {
            Dataset<Row> rows = spark.sql(statement);
            boolean hasColumns = rows.columns().length > 0; // a definition has none
            if (hasColumns) {
                if (separates) {
                    out.println();
                }
                ResultPrinter.print(rows, format, widest, out, err);
            }
            return hasColumns;
        });
    }
}
