package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import io.spikelet.job.schema.Tables;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** DuckDB reads the tables as Spark does. */
final class ParquetReadersTest extends SparkTest {
    @Test
    void rowsOfSeveralShardsAreOneTable() throws Exception {
        Path input = write(
                "prompts.jsonl",
                "{\"id\": \"a\", \"prompt\": \"And the king\"}",
                "{\"id\": \"b\", \"prompt\": null}",
                "{\"id\": \"c\", \"prompt\": \"süß, 雪, \\\"quoted\\\"\"}",
                "no json",
                "{\"id\": \"e\", \"prompt\": \"The ship\"}");
        Path output = run("generate", input, "--max-new-tokens", "4", "--partitions", "2", "--top-logprobs", "2");

        String columns = "row_id, prompt, completion, sum_logprob, finish_reason, error_class, error_message, seed, ";
        List<List<Object>> read = duckdb("SELECT " + columns
                + "array_to_string(completion_token_ids, ' '), len(token_logprobs), len(top_logprobs[1]) "
                + "FROM '" + output + "/completions/*.parquet' ORDER BY row_id");

        table(output, Tables.COMPLETIONS).createOrReplaceTempView("completions_of_spark");
        List<Row> expected = spark.sql("SELECT " + columns
                        + "array_join(completion_token_ids, ' '), CAST(array_size(token_logprobs) AS BIGINT), "
                        + "CAST(array_size(top_logprobs[0]) AS BIGINT) FROM completions_of_spark ORDER BY row_id")
                .collectAsList();
        assertThat(read)
                .hasSize(5)
                .containsExactlyElementsOf(
                        expected.stream().map(ParquetReadersTest::values).toList());
    }

    @Test
    void nestedRowsOfARunAreRead() throws Exception {
        Path input =
                write("corpus.jsonl", "{\"id\": \"a\", \"text\": \"The harvest was gathered.\"}", "{\"id\": \"b\"}");
        Path output = run("perplexity", input, "--emit-tokens");

        Row expected = table(output, Tables.RUNS)
                .selectExpr("run_id", "CAST(unix_micros(started_at) AS BIGINT)", "size(executors)", "result_digest")
                .head();
        assertThat(duckdb("SELECT run_id, epoch_us(started_at), CAST(len(executors) AS INT), result_digest FROM '"
                        + output + "/runs/*.parquet'"))
                .containsExactly(values(expected));
        Row sums = table(output, Tables.TOKEN_SCORES)
                .selectExpr("count(*)", "max(nll)", "min(nll)")
                .head();
        assertThat(duckdb("SELECT count(*), max(nll), min(nll) FROM '" + output + "/token_scores/*.parquet'"))
                .containsExactly(values(sums));
    }

    private Path run(String command, Path input, String... more) throws Exception {
        Path output = folder.resolve("out");
        List<Object> arguments =
                new ArrayList<>(List.of(command, "--model", model(), "--input", input, "--output", output));
        arguments.addAll(List.of(more));
        Invocation invocation = Invocation.of(arguments.toArray());
        assertThat(invocation.status()).as(invocation.err()).isZero();
        return output;
    }

    private static List<Object> values(Row row) {
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < row.size(); i++) {
            values.add(row.get(i));
        }
        return values;
    }

    private static List<List<Object>> duckdb(String query) throws Exception {
        List<List<Object>> rows = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            while (result.next()) {
                List<Object> row = new ArrayList<>();
                for (int column = 1; column <= result.getMetaData().getColumnCount(); column++) {
                    row.add(result.getObject(column));
                }
                rows.add(row);
            }
        }
        return rows;
    }
}
