package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import io.spikelet.job.action.SqlAction;
import io.spikelet.job.sql.ResultFormat;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class SqlPromptTest extends SparkTest {
    @Test
    void statementsShareASessionGoOverLinesAndSurviveMistakes() {
        spark.sql("SELECT 7 AS id").write().parquet(folder.resolve("res/things").toString());
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        SqlAction action = new SqlAction(List.of(folder.resolve("res").toString()), "", ResultFormat.CSV);
        action.open(spark);

        Iterator<String> typed = Stream.of(
                        "CREATE TEMP VIEW twice AS",
                        "  SELECT id * 2 AS double FROM things;",
                        "SELEC 1;",
                        "",
                        "SELECT double FROM twice; SELECT ';' AS",
                        "semi;",
                        "exit",
                        "SELECT 99;")
                .iterator();
        List<String> prompts = new ArrayList<>();

        new SqlPrompt(action, spark, prompt -> {
                    prompts.add(prompt);
                    return typed.hasNext() ? typed.next() : null;
                })
                .run(new PrintWriter(out), new PrintWriter(err));

        assertThat(out.toString()).isEqualToNormalizingNewlines("double\n14\nsemi\n;\n");
        assertThat(err.toString().lines())
                .hasSize(1)
                .first()
                .asString()
                .startsWith("SQL: ")
                .contains("SELEC");
        assertThat(prompts).containsExactly("sql> ", "  -> ", "sql> ", "sql> ", "sql> ", "  -> ", "sql> ");
        spark.catalog().dropTempView("twice");
    }

    @Test
    void statementsComeFromAFileToo() {
        Path file = write("questions.sql", "SELECT 1 AS a;", "-- and", "SELECT 'ü' AS b;");

        Invocation answered = Invocation.of("sql", "--format", "json", "-f", file);
        Invocation both = Invocation.of("sql", "-f", file, "SELECT 1");

        assertThat(answered.status()).as(answered.err()).isZero();
        assertThat(answered.out()).isEqualToNormalizingNewlines("{\"a\":1}\n{\"b\":\"ü\"}\n");
        assertThat(both.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(both.err()).contains("QUERY", "--file");
    }
}
