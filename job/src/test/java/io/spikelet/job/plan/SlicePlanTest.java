package io.spikelet.job.plan;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.spark_partition_id;
import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

final class SlicePlanTest extends SparkTest {
    private static final int ROWS = 400;
    private static final int PARTITIONS = 4;
    private static final int EXPECTED_TOKENS = 5;
    private static final int LONGEST = 8_000;

    @Test
    void partitionsCostTheSameAlthoughRowsDoNot() {
        SlicePlan plan = plan(1, noRows());

        SlicePlan.Slice slice = plan.slices().getFirst();

        long most = slice.predictedTokens().values().stream().max(Long::compare).orElseThrow();
        long least =
                slice.predictedTokens().values().stream().min(Long::compare).orElseThrow();
        assertThat(slice.predictedTokens()).hasSize(PARTITIONS);
        assertThat(most - least)
                .as("of %d tokens in the largest partition", most)
                .isLessThanOrEqualTo(LONGEST / 4 + EXPECTED_TOKENS);
        assertThat(most).isLessThan(2 * least);
    }

    @Test
    void theLongestRowsOfAPartitionComeFirst() {
        SlicePlan plan = plan(1, noRows());

        Map<Integer, List<Integer>> lengths = new HashMap<>();
        for (Row row : plan.rows(plan.slices().getFirst())
                .select(spark_partition_id(), length(col(InputRows.TEXT)))
                .collectAsList()) {
            lengths.computeIfAbsent(row.getInt(0), ignored -> new ArrayList<>()).add(row.getInt(1) / 4);
        }

        assertThat(lengths).hasSize(PARTITIONS);
        for (List<Integer> partition : lengths.values()) {
            assertThat(partition).isSortedAccordingTo((a, b) -> b - a).hasSize(ROWS / PARTITIONS);
        }
    }

    @Test
    void rowsThatAreDoneAreInNoSlice() {
        Dataset<Row> done = input().partitioned(2).where("row_id < 'p5'").select("row_id", "content_sha256");

        SlicePlan plan = plan(3, done);

        assertThat(plan.slices().stream().mapToLong(SlicePlan.Slice::rows).sum())
                .isEqualTo(ROWS - done.count());
        assertThat(plan.slices())
                .allMatch(slice -> plan.rows(slice).where("row_id < 'p5'").isEmpty());
        assertThat(plan.keys().count()).isEqualTo(ROWS);
    }

    private SlicePlan plan(int slices, Dataset<Row> done) {
        return SlicePlan.write(
                PlanRows.of(input(), 2, EXPECTED_TOKENS),
                done,
                folder.resolve("plan").toString(),
                slices,
                PARTITIONS);
    }

    /** Texts of which few are very long and most are short. */
    private InputRows input() {
        Random random = new Random(7);
        String[] lines = new String[ROWS];
        for (int i = 0; i < ROWS; i++) {
            int length = (int) Math.min(LONGEST, 20 / (1 - random.nextDouble()));
            lines[i] = "{\"id\": \"p" + i + "\", \"text\": \"" + "x".repeat(length) + "\"}";
        }
        InputSpec spec = new InputSpec(
                write("rows.jsonl", lines).toString(),
                Optional.empty(),
                "text",
                Optional.empty(),
                List.of(),
                OptionalLong.empty());
        return InputReader.read(spark, spec);
    }

    private static Dataset<Row> noRows() {
        return spark.createDataFrame(
                List.of(),
                new StructType().add("row_id", DataTypes.StringType).add("content_sha256", DataTypes.StringType));
    }
}
