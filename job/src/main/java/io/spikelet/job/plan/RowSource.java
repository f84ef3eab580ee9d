package io.spikelet.job.plan;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** An input whose columns are known. */
interface RowSource {
    /**
     * The rows of some of the input's files, read lazily: {@link SourceColumns#position}, {@link SourceColumns#CONTENT}, {@link
     * SourceColumns#DEFECT}, {@link SourceColumns#PLACE} and the input's columns.
     */
    Dataset<Row> rows(InputFiles files);
}
