package io.spikelet.job.action;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.max_by;
import static org.apache.spark.sql.functions.row_number;

import io.spikelet.job.LiteralPath;
import io.spikelet.job.plan.Ledger;
import io.spikelet.job.plan.OutputDirectory;
import io.spikelet.job.plan.WorkPlan;
import io.spikelet.job.schema.Columns;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * All finished rows of a job: those that an earlier job published and those that tasks committed. A row may occur more
 * than once, after a retry or a change of its text.
 *
 * @param tables that were published, each with some of the columns
 * @param schema of the rows that tasks write, without {@link #ATTEMPT}
 */
record CommittedRows(SparkSession spark, OutputDirectory output, List<String> tables, StructType schema) {
    /** The attempt that made a row; {@link #PUBLISHED} for what was there before. */
    static final String ATTEMPT = Ledger.ATTEMPT;

    static final int PUBLISHED = 0;

    /** Whether there are any. */
    boolean exist() {
        return output.isPublished() || !output.ledger().committed().isEmpty();
    }

    /**
     * Keys of the rows, as row_id, content_sha256 and {@link WorkPlan#FINISHED}.
     *
     * @param retryFailed whether rows whose last version has an error are not finished
     */
    Dataset<Row> known(boolean retryFailed) {
        Dataset<Row> keys = all().select("row_id", "content_sha256", ATTEMPT, "error_class");
        if (!retryFailed) {
            return keys.select("row_id", "content_sha256").distinct().withColumn(WorkPlan.FINISHED, lit(true));
        }
        // One failed row of a key, such as one of its samples, is enough.
        Dataset<Row> last = keys.groupBy("row_id", "content_sha256", ATTEMPT)
                .agg(max(col("error_class").isNotNull()).as("failed"));
        return last.groupBy("row_id", "content_sha256")
                .agg(max_by(col("failed"), col(ATTEMPT)).equalTo(false).as(WorkPlan.FINISHED));
    }

    /**
     * The last version of every row of the input, and no others.
     *
     * @param keys of the input, each once, with the columns whose values they replace
     * @param id columns that are unique in the result, row_id first
     * @param files in so many partitions
     */
    Dataset<Row> last(Dataset<Row> keys, List<String> id, int files) {
        List<String> columns =
                Stream.concat(id.stream(), Stream.of("content_sha256")).toList();
        String place = "__spikelet_place";
        String[] key = {"row_id", "content_sha256"};
        String[] replaced = Stream.of(keys.columns())
                .filter(name -> !List.of(key).contains(name))
                .toArray(String[]::new);
        return all().drop(replaced)
                .join(keys, key)
                .repartition(files, col("row_id"))
                .withColumn(
                        place,
                        row_number()
                                .over(Window.partitionBy(Columns.named(columns))
                                        .orderBy(col(ATTEMPT).desc())))
                .where(col(place).equalTo(1))
                .drop(place)
                .sortWithinPartitions(col("row_id"))
                .select(Columns.of(stored()));
    }

    private StructType stored() {
        return schema.add(ATTEMPT, DataTypes.IntegerType);
    }

    /** The rows that tasks committed, as they are. */
    Dataset<Row> made() {
        String[] files = output.ledger().files().toArray(String[]::new);
        return files.length == 0
                ? spark.createDataFrame(List.<Row>of(), stored())
                : LiteralPath.read(spark)
                        .schema(stored())
                        .option("basePath", output.ledger().rows())
                        .parquet(files);
    }

    private Dataset<Row> all() {
        Dataset<Row> committed = made();
        for (String table : tables) {
            if (output.hasPublished(table)) {
                committed = committed.union(published(table));
            }
        }
        return committed;
    }

    private Dataset<Row> published(String table) {
        // A column that the published table does not have, such as intermediate token scores, is null.
        return LiteralPath.read(spark)
                .schema(schema)
                .parquet(output.publishedTable(table))
                .withColumn(ATTEMPT, lit(PUBLISHED))
                .select(Columns.of(stored()));
    }
}
