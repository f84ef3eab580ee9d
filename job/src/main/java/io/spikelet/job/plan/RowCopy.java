package io.spikelet.job.plan;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Copies the result of a scan of the input's files to a fixed place. Spark splits files differently in every query,
 * depending on the cores available at that moment, so that two scans agree on rows but not on how they are numbered.
 */
@FunctionalInterface
public interface RowCopy {
    /** Rows stay a scan of their files. */
    RowCopy NONE = rows -> rows;

    /** The same rows in the place where they stay. */
    Dataset<Row> of(Dataset<Row> scan);
}
