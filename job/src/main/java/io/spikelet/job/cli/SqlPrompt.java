package io.spikelet.job.cli;

import io.spikelet.job.action.SqlAction;
import io.spikelet.job.sql.SqlStatements;
import java.io.PrintWriter;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.SparkSession;
import org.jline.reader.UserInterruptException;

/**
 * An interactive SQL prompt with one session: a statement ends with a semicolon, which may be lines later. The end of
 * input or {@code exit} ends it.
 *
 * @param lines the line typed after a prompt, null at the end of input; Ctrl-C throws as in JLine
 */
record SqlPrompt(SqlAction action, SparkSession spark, UnaryOperator<String> lines) {
    private static final Set<String> ENDS = Set.of("exit", "quit", "exit;", "quit;");

    /** Reads and runs statements until the end. A failed statement does not end the prompt; Ctrl-C discards what was typed. */
    void run(PrintWriter out, PrintWriter err) {
        String typed = "";
        while (true) {
            String line;
            try {
                line = lines.apply(typed.isEmpty() ? "sql> " : "  -> ");
            } catch (UserInterruptException e) {
                typed = "";
                continue;
            }
            if (line == null || (typed.isEmpty() && ENDS.contains(line.strip()))) {
                return;
            }
            SqlStatements statements = SqlStatements.of(typed + line);
            statements.complete().forEach(statement -> answer(statement, out, err));
            typed = statements.rest().isEmpty() ? "" : statements.rest() + "\n";
        }
    }

    private void answer(String statement, PrintWriter out, PrintWriter err) {
        try {
            action.answer(spark, statement, out, err);
        } catch (RuntimeException e) {
            err.println(Failure.of(e).line());
        }
        out.flush();
        err.flush();
    }
}
