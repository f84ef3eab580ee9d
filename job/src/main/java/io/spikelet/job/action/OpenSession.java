package io.spikelet.job.action;

import org.apache.spark.sql.SparkSession;

/**
 * A Spark session and whether it ends with this.
 *
 * @param owned false if the caller opened it and will close it
 */
public record OpenSession(SparkSession spark, boolean owned) implements AutoCloseable {
    @Override
    public void close() {
        if (owned) {
            spark.stop();
        }
    }
}
