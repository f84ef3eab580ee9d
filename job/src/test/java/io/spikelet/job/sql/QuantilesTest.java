package io.spikelet.job.sql;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.spikelet.job.SparkTest;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

final class QuantilesTest extends SparkTest {
    private static final double[] WANTED = {0, 0.01, 0.25, 0.5, 0.75, 0.99, 1};

    @Test
    void fewValuesHaveTheirExactQuantiles() {
        Dataset<Row> values = spark.sql("SELECT explode(array(-0.5D, 0D, 1e-30D, 0.25D, CAST(NULL AS DOUBLE))) AS v");

        assertThat(Quantiles.of(values, col("v"), WANTED)).containsExactly(exact(values), within(1e-15));
        assertThat(Quantiles.of(values.where("v IS NULL"), col("v"), 0.5)).containsExactly(Double.NaN);
    }

    @Test
    void manyValuesHaveThemToAPartIn700AndTheSameBitsForEveryPartitioning() {
        Dataset<Row> values = spark.range(0, 100_000, 1, 7)
                .selectExpr("(pmod(hash(id), 2001) - 1000) / 1000D * pow(2D, -pmod(id, 20)) AS v");

        double[] found = Quantiles.of(values, col("v"), WANTED);

        double[] exact = exact(values);
        for (int i = 0; i < WANTED.length; i++) {
            assertThat(found[i]).isCloseTo(exact[i], within(Math.abs(exact[i]) / 700));
        }
        assertThat(Quantiles.of(values.repartition(3), col("v"), WANTED)).containsExactly(found);
    }

    private static double[] exact(Dataset<Row> values) {
        List<Double> quantiles = values.selectExpr("percentile(v, array(0D, 0.01D, 0.25D, 0.5D, 0.75D, 0.99D, 1D))")
                .head()
                .getList(0);
        return quantiles.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
