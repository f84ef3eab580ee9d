package io.spikelet.job.cli;

import java.io.IOException;
import org.apache.spark.sql.SparkSession;

/** What {@code bench --startup} compares commands with: a session that reads JSON Lines, writes Parquet and counts it. */
final class MinimalSparkProgram {
    private MinimalSparkProgram() {}

    /** @param args the JSON Lines file, and a folder that does not exist */
    public static void main(String[] args) throws IOException {
        try (SparkSession spark = SparkSession.builder()
                .master("local[*]")
                .config("spark.ui.enabled", "false")
                .config("spark.log.level", "ERROR")
                .getOrCreate()) {
            spark.read().json(args[0]).write().parquet(args[1]);
            System.out.println(spark.read().parquet(args[1]).count());
        }
    }
}
