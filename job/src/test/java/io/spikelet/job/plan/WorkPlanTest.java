package io.spikelet.job.plan;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.spark_partition_id;
import static org.apache.spark.sql.functions.sum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.model.Sha256;
import io.spikelet.job.LiteralPath;
import io.spikelet.job.SparkTest;
import io.spikelet.job.UsageException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

final class WorkPlanTest extends SparkTest {
    private static final int ROWS = 400;
    private static final int SHARDS = 4;
    private static final int EXPECTED_TOKENS = 5;
    private static final int LONGEST = 8_000;

    @Test
    void shardsCostTheSameAlthoughRowsDoNot() {
        WorkPlan plan = plan(input(), noRows());

        List<Long> tokens = new ArrayList<>();
        for (Row shard : plan.rows(SHARDS)
                .groupBy(spark_partition_id())
                .agg(sum(InputRows.COST))
                .collectAsList()) {
            tokens.add(shard.getLong(1));
        }

        long most = Collections.max(tokens);
        long least = Collections.min(tokens);
        assertThat(tokens).hasSize(SHARDS);
        assertThat(most - least)
                .as("of %d tokens in the largest shard", most)
                .isLessThanOrEqualTo(LONGEST / 4 + EXPECTED_TOKENS);
        assertThat(most).isLessThan(2 * least);
        assertThat(tokens.stream().mapToLong(Long::longValue).sum())
                .isEqualTo(plan.totals().tokensToDo());
    }

    @Test
    void theLongestRowsOfAShardComeFirst() {
        WorkPlan plan = plan(input(), noRows());

        Map<Integer, List<Integer>> lengths = new HashMap<>();
        for (Row row : plan.rows(SHARDS)
                .select(spark_partition_id(), length(col(InputRows.TEXT)))
                .collectAsList()) {
            lengths.computeIfAbsent(row.getInt(0), ignored -> new ArrayList<>()).add(row.getInt(1) / 4);
        }

        assertThat(lengths).hasSize(SHARDS);
        for (List<Integer> shard : lengths.values()) {
            assertThat(shard).isSortedAccordingTo((a, b) -> b - a).hasSize(ROWS / SHARDS);
        }
    }

    @Test
    void rowsThatAreDoneAreInNoShard() {
        InputRows input = input();
        Dataset<Row> keys = input.partitioned(2).select("row_id", "content_sha256");
        Dataset<Row> known = keys.where("row_id < 'p5'")
                .withColumn(WorkPlan.FINISHED, lit(true))
                .union(keys.where("row_id = 'p7'").withColumn(WorkPlan.FINISHED, lit(false)));

        WorkPlan plan = plan(input, known);

        long done = known.count() - 1;
        assertThat(plan.totals().finished()).isEqualTo(done);
        assertThat(plan.totals().again()).isEqualTo(1);
        assertThat(plan.totals().fresh()).isEqualTo(ROWS - done - 1);
        assertThat(plan.rows(SHARDS).where("row_id < 'p5'").isEmpty()).isTrue();
        assertThat(plan.rows(SHARDS).count()).isEqualTo(ROWS - done);
        assertThat(plan.keys().count()).isEqualTo(ROWS);
    }

    @Test
    void idsThatRepeatAreRefused() {
        for (String[] lines : new String[][] {
            {"{\"id\": \"a\", \"text\": \"x\"}", "{\"id\": \"a\", \"text\": \"y\"}"},
            {"{\"text\": \"x\"}", "{\"text\": \"x\"}", "{\"id\": \"HASH-2\", \"text\": \"y\"}"}
        }) {
            String hash = Sha256.hex("{\"text\": \"x\"}".getBytes(StandardCharsets.UTF_8))
                    .substring(0, 32);
            InputRows input = input(
                    Stream.of(lines).map(line -> line.replace("HASH", hash)).toArray(String[]::new));
            WorkPlan plan = plan(input, noRows());

            assertThatThrownBy(() -> plan.requireDistinctIds("in.jsonl"))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContainingAll("in.jsonl", "occur more than once");
        }
    }

    private WorkPlan plan(InputRows input, Dataset<Row> known) {
        String path = folder.resolve("plan-" + UUID.randomUUID()).toString();
        return WorkPlan.of(PlanRows.of(input, 2, EXPECTED_TOKENS), known, rows -> {
            rows.write().parquet(path);
            return LiteralPath.read(rows.sparkSession()).schema(rows.schema()).parquet(path);
        });
    }

    /** Texts of which few are very long and most are short. */
    private InputRows input() {
        Random random = new Random(7);
        String[] lines = new String[ROWS];
        for (int i = 0; i < ROWS; i++) {
            int length = (int) Math.min(LONGEST, 20 / (1 - random.nextDouble()));
            lines[i] = "{\"id\": \"p" + i + "\", \"text\": \"" + "x".repeat(length) + "\"}";
        }
        return input(lines);
    }

    private InputRows input(String... lines) {
        InputSpec spec = new InputSpec(
                write("rows.jsonl", lines).toString(),
                Optional.empty(),
                "text",
                Optional.empty(),
                List.of(),
                OptionalLong.empty(),
                RequestSpec.NONE);
        return InputReader.read(spark, spec);
    }

    private static Dataset<Row> noRows() {
        return spark.createDataFrame(
                List.of(),
                new StructType()
                        .add("row_id", DataTypes.StringType)
                        .add("content_sha256", DataTypes.StringType)
                        .add(WorkPlan.FINISHED, DataTypes.BooleanType));
    }
}
