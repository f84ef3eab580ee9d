package io.spikelet.job.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.spikelet.engine.score.NllSummary;
import io.spikelet.job.SparkTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class SpikeletFunctionsTest extends SparkTest {
    private static final StructType SCHEMA = new StructType()
            .add("part", DataTypes.IntegerType)
            .add("nll", DataTypes.DoubleType)
            .add("tokens", DataTypes.LongType)
            .add("bytes", DataTypes.IntegerType);

    @BeforeEach
    void register() {
        SpikeletFunctions.register(spark);
    }

    private static List<Row> documents() {
        Random random = new Random(77);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            long tokens = 1 + random.nextInt(300);
            rows.add(RowFactory.create(i % 5, tokens * (2 + random.nextDouble()), tokens, (int) tokens * 4));
        }
        return rows;
    }

    @Test
    void perplexityAndBitsPerByteFollowTheirDefinitions() {
        Row row = spark.sql("SELECT perplexity(nll), bits_per_byte(nll, bytes), perplexity(CAST(NULL AS DOUBLE))"
                        + " FROM VALUES (1.0D, 2), (2.0D, 3), (6.0D, 5), (NULL, 7) AS t(nll, bytes)")
                .head();

        assertThat(row.getDouble(0)).isEqualTo(StrictMath.exp(3));
        assertThat(row.getDouble(1)).isCloseTo(9 / 10.0 / Math.log(2), within(1e-15));
        assertThat(row.isNullAt(2)).isTrue();
    }

    @Test
    @Tag("cluster") // a query for each number of partitions
    void neitherPartitionsNorGroupsShowInTheBits() {
        NllSummary expected = new NllSummary();
        documents().forEach(d -> expected.add(d.getLong(2), d.getLong(2), d.getInt(3), 0, d.getDouble(1), 0));
        for (int partitions : new int[] {1, 2, 7}) {
            Dataset<Row> documents = spark.createDataFrame(documents(), SCHEMA).repartition(partitions);
            documents.createOrReplaceTempView("documents");
            Row whole = spark.sql("SELECT nll_summary(nll, tokens, bytes), perplexity(nll) FROM documents")
                    .head();
            Row merged = spark.sql("SELECT nll_merge(s) FROM"
                            + " (SELECT part, nll_summary(nll, tokens, bytes) AS s FROM documents GROUP BY part)")
                    .head();
            assertThat(whole.<byte[]>getAs(0)).isEqualTo(expected.state());
            assertThat(merged.<byte[]>getAs(0)).isEqualTo(expected.state());
        }
        Row metrics = spark.sql("SELECT m.* FROM (SELECT nll_metrics(nll_summary(nll, tokens, bytes)) AS m"
                        + " FROM documents)")
                .head();
        assertThat(metrics.<Long>getAs("documents")).isEqualTo(500);
        assertThat(metrics.<Long>getAs("tokens")).isEqualTo(expected.scoredTokens());
        assertThat(metrics.<Double>getAs("perplexity")).isEqualTo(expected.perplexity());
        assertThat(metrics.<Double>getAs("standard_error")).isEqualTo(expected.standardError());
        assertThat(metrics.<Double>getAs("bits_per_byte")).isEqualTo(expected.bitsPerByte());
        assertThat(metrics.<Double>getAs("bits_per_byte_error")).isEqualTo(expected.bitsPerByteStandardError());
    }
}
