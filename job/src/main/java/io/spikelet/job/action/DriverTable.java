package io.spikelet.job.action;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.TaskAttemptID;
import org.apache.hadoop.mapreduce.TaskType;
import org.apache.hadoop.mapreduce.task.TaskAttemptContextImpl;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.OutputWriter;
import org.apache.spark.sql.execution.datasources.OutputWriterFactory;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.types.StructType;
import scala.Function1;
import scala.collection.immutable.Map$;

/** A table of few rows, such as a summary: the driver writes its one Parquet file, as a task would, without a Spark job. */
final class DriverTable {
    private DriverTable() {}

    /**
     * Writes all rows; after a failure the folder may hold a part of them.
     *
     * @param rows few enough for the driver to hold
     * @param folder of the table; it must not hold files, which are neither looked for nor replaced
     */
    static void write(Dataset<Row> rows, String folder) {
        SparkSession spark = rows.sparkSession();
        StructType schema = rows.schema();
        List<Row> held = rows.collectAsList();
        try {
            Job job = Job.getInstance(spark.sparkContext().hadoopConfiguration());
            OutputWriterFactory parquet =
                    new ParquetFileFormat().prepareWrite(spark, job, Map$.MODULE$.empty(), schema);
            TaskAttemptContextImpl context = new TaskAttemptContextImpl(
                    job.getConfiguration(), new TaskAttemptID("spikelet", 0, TaskType.MAP, 0, 0));
            Path file = new Path(folder, "part-00000-" + UUID.randomUUID() + parquet.getFileExtension(context));
            Function1<Object, Object> converter = CatalystTypeConverters.createToCatalystConverter(schema);
            OutputWriter writer = parquet.newInstance(file.toString(), schema, context);
            try {
                held.forEach(row -> writer.write((InternalRow) converter.apply(row)));
            } finally {
                writer.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + folder, e);
        }
    }
}
