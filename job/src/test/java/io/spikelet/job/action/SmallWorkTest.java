package io.spikelet.job.action;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

final class SmallWorkTest extends SparkTest {
    private static final String COMPILES = "spark.sql.codegen.wholeStage";
    private static final String ADAPTS = "spark.sql.adaptive.enabled";

    @Test
    void onlySmallFilesChangeSettingsAndOnlyForTheTimeOfTheWork() {
        Path small = write("few/a.jsonl", "{}", "{}");
        Path large = write("many/a.jsonl", new byte[(1 << 20) + 1]);

        assertThat(whileWorkingOn(small.getParent())).isEqualTo("false");
        assertThat(whileWorkingOn(folder.resolve("f*/*.jsonl"))).isEqualTo("false");
        assertThat(whileWorkingOn(folder.resolve("not there"))).isEqualTo("false");
        assertThat(whileWorkingOn(large)).isEqualTo("true");
        assertThat(whileWorkingOn(folder)).isEqualTo("true");
        assertThat(whileWorkingOn()).isEqualTo("true");
        assertThat(spark.conf().get(COMPILES)).isEqualTo("true");
        assertThat(spark.conf().get("spark.sql.shuffle.partitions"))
                .as("of the user")
                .isEqualTo("2");
    }

    @Test
    void whatAnybodyHasSetStays() {
        spark.conf().set(COMPILES, "true");
        try (SmallWork ignored = SmallWork.on(spark, List.of(folder.toString()))) {
            assertThat(spark.conf().get(COMPILES)).isEqualTo("true");
            assertThat(spark.conf().get(ADAPTS)).isEqualTo("false");
            spark.conf().set(ADAPTS, "true"); // as a statement of SQL may
        } finally {
            spark.conf().unset(COMPILES);
        }
        assertThat(spark.conf().get(ADAPTS)).isEqualTo("true");
        spark.conf().unset(ADAPTS);
    }

    @Test
    void interpretedQueriesGiveTheSameBits() {
        Dataset<Row> rows = spark.range(1000)
                .selectExpr("id % 7 AS part", "1 / (id + 3) AS value", "cast(id AS string) AS text")
                .groupBy("part")
                .agg(
                        org.apache.spark.sql.functions.expr("sum(value) AS sum"),
                        org.apache.spark.sql.functions.expr("max(text) AS last"));
        String compiled = digest(rows);
        String interpreted;
        try (SmallWork ignored = SmallWork.on(spark, List.of(folder.toString()))) {
            interpreted = digest(rows.toDF("part", "sum", "last"));
        }
        assertThat(interpreted).isEqualTo(compiled);
    }

    private static String whileWorkingOn(Path... paths) {
        List<String> names = List.of(paths).stream().map(Path::toString).toList();
        try (SmallWork ignored = SmallWork.on(spark, names)) {
            return spark.conf().get(COMPILES);
        }
    }
}
