package io.spikelet.job.action;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.row_number;

import io.spikelet.job.LiteralPath;
import io.spikelet.job.plan.Ledger;
import io.spikelet.job.plan.OutputDirectory;
import io.spikelet.job.plan.SliceEntry;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * All finished rows of a job: those that an earlier job has published and those of the committed slices. A row may be there
 * more than once, after a retry or after its text has changed.
 */
final class Versions {
    /** Number of the slice that a row comes from; {@link #PUBLISHED} for what was there before. */
    static final String SLICE = Ledger.SLICE;

    static final int PUBLISHED = -1;

    private final SparkSession spark;
    private final OutputDirectory output;
    private final List<String> tables;
    private final StructType schema;

    /**
     * @param tables that hold what was published, each with some of the columns
     * @param schema of a slice, without {@link #SLICE}
     */
    Versions(SparkSession spark, OutputDirectory output, List<String> tables, StructType schema) {
        this.spark = spark;
        this.output = output;
        this.tables = tables;
        this.schema = schema;
    }

    /**
     * Keys of rows that need no more work, as row_id and content_sha256.
     *
     * @param retryFailed whether rows whose last version has an error are among the others
     */
    Dataset<Row> done(boolean retryFailed) {
        Dataset<Row> keys = all().select("row_id", "content_sha256", SLICE, "error_class");
        if (!retryFailed) {
            return keys.select("row_id", "content_sha256").distinct();
        }
        Dataset<Row> last =
                keys.groupBy("row_id", "content_sha256").agg(max(SLICE).as("last"));
        Dataset<Row> failed = keys.where("error_class IS NOT NULL")
                .select(col("row_id"), col("content_sha256"), col(SLICE).as("last"));
        return last.join(failed, new String[] {"row_id", "content_sha256", "last"}, "left_anti")
                .select("row_id", "content_sha256");
    }

    /**
     * The last version of every row of the input, and no others.
     *
     * @param keys of the input
     * @param id columns that are unique in the result, row_id first
     * @param files in so many partitions
     */
    Dataset<Row> last(Dataset<Row> keys, List<String> id, int files) {
        Column[] columns = Stream.concat(id.stream(), Stream.of("content_sha256"))
                .map(name -> col(name))
                .toArray(Column[]::new);
        String place = "__spikelet_place";
        return all().join(keys, new String[] {"row_id", "content_sha256"}, "left_semi")
                .repartition(files, col("row_id"))
                .withColumn(
                        place,
                        row_number()
                                .over(Window.partitionBy(columns)
                                        .orderBy(col(SLICE).desc())))
                .where(col(place).equalTo(1))
                .drop(place)
                .sortWithinPartitions(col("row_id"))
                .select(columns(schema.add(SLICE, DataTypes.IntegerType)));
    }

    private Dataset<Row> all() {
        String[] slices = output.ledger().committed().stream()
                .map(SliceEntry::slice)
                .map(output.ledger()::slice)
                .toArray(String[]::new);
        StructType stored = schema.add(SLICE, DataTypes.IntegerType);
        Dataset<Row> committed = slices.length == 0
                ? spark.createDataFrame(List.<Row>of(), stored)
                : LiteralPath.read(spark)
                        .schema(stored)
                        .option("basePath", output.ledger().slices().toString())
                        .parquet(slices);
        for (String table : tables) {
            if (output.hasPublished(table)) {
                committed = committed.union(published(table, stored));
            }
        }
        return committed;
    }

    private Dataset<Row> published(String table, StructType stored) {
        // A column that the published table lacks, such as the scores of tokens on their way, reads as null.
        return LiteralPath.read(spark)
                .schema(schema)
                .parquet(output.publishedTable(table))
                .withColumn(SLICE, lit(PUBLISHED))
                .select(columns(stored));
    }

    static Column[] columns(StructType schema) {
        return Stream.of(schema.fieldNames()).map(Versions::column).toArray(Column[]::new);
    }

    /** A column by a name that may hold dots and backticks. */
    static Column column(String name) {
        return col('`' + name.replace("`", "``") + '`');
    }
}
