package io.spikelet.job.plan;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.dense_rank;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import io.spikelet.job.LiteralPath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The input of a job as it was at its start, cut into slices and each slice into partitions of about the same estimated
 * cost. Which slice a row is in follows from its id (rows with nothing to do are in negative ones, for their keys); within a slice rows are dealt out by cost, most expensive first, to
 * the partitions forward and backward in turn. The same rows make the same plan.
 */
public final class SlicePlan {
    /** Rows of a slice at least, by default: a slice has a fixed price. */
    static final int LEAST_ROWS = 1_000;

    /** Slices by default at most: what a crash costs is one of them. */
    static final int MOST_SLICES = 64;

    private static final String SLICE = SourceColumns.PREFIX + "slice";
    private static final String PARTITION = SourceColumns.PREFIX + "partition";
    private static final String COST = SourceColumns.PREFIX + "cost";
    private static final String DONE = SourceColumns.PREFIX + "done";

    /** Rows that are worked on once stay together. */
    private static final Column REQUEST = InputRows.WORK;

    private final SparkSession spark;
    private final String path;
    private final StructType schema;
    private final int partitions;

    private SlicePlan(SparkSession spark, String path, StructType schema, int partitions) {
        this.spark = spark;
        this.path = path;
        this.schema = schema;
        this.partitions = partitions;
    }

    /**
     * Rows that are worked on and committed together: one slice of the plan, or several.
     *
     * @param numbers of the slices
     * @param rows input rows, times their samples
     * @param predictedTokens estimated cost of each partition
     */
    public record Slice(List<Integer> numbers, long rows, Map<Integer, Long> predictedTokens) {
        public Slice {
            numbers = List.copyOf(numbers);
            predictedTokens = Map.copyOf(predictedTokens);
        }

        /** Both as one. */
        public Slice and(Slice other) {
            Map<Integer, Long> tokens = new TreeMap<>(predictedTokens);
            other.predictedTokens.forEach((partition, more) -> tokens.merge(partition, more, Long::sum));
            return new Slice(
                    Stream.concat(numbers.stream(), other.numbers.stream()).toList(), rows + other.rows, tokens);
        }
    }

    /** Rows of a slice when nobody says how many. */
    public static long sliceRows(long rows) {
        return Math.max(LEAST_ROWS, Math.ceilDiv(rows, MOST_SLICES));
    }

    /**
     * Plans the rows that are not done and writes the plan.
     *
     * @param done rows that need no work, as row_id and content_sha256
     * @param slices about how many
     * @param partitions of each slice
     */
    public static SlicePlan write(PlanRows units, Dataset<Row> done, String path, int slices, int partitions) {
        StructType schema = units.schema();
        Dataset<Row> all = units.rows();
        Column isSame = all.col("row_id")
                .equalTo(done.col("row_id"))
                .and(all.col("content_sha256").equalTo(done.col("content_sha256")));
        List<Column> columns = new ArrayList<>();
        for (String name : schema.fieldNames()) {
            columns.add(all.col('`' + name.replace("`", "``") + '`'));
        }
        columns.add(done.col("row_id").isNotNull().as(DONE));
        Column bucket = pmod(xxhash64(REQUEST), lit((long) slices));
        Column slice = when(col(DONE), lit(-1).minus(bucket)).otherwise(bucket).cast(DataTypes.IntegerType);
        Column place = dense_rank()
                .over(Window.partitionBy(col(SLICE)).orderBy(col(COST).desc(), REQUEST))
                .minus(1);
        Column round = pmod(place, lit(2 * partitions));
        Column partition = when(round.lt(partitions), round)
                .otherwise(lit(2 * partitions - 1).minus(round));
        all.join(done, isSame, "left_outer")
                .select(columns.toArray(Column[]::new))
                .withColumn(COST, units.tokens())
                .withColumn(SLICE, slice)
                .withColumn(PARTITION, when(col(DONE), 0).otherwise(partition).cast(DataTypes.IntegerType))
                .drop(DONE)
                .write()
                .partitionBy(SLICE)
                .parquet(path);
        return new SlicePlan(all.sparkSession(), path, schema, partitions);
    }

    /** The ids and content hashes of all input rows, those that were done included. */
    public Dataset<Row> keys() {
        return planned().select(col("row_id"), col("content_sha256"));
    }

    /** Rows of the input, times their samples. */
    public long outputRows() {
        return planned()
                .agg(coalesce(sum(col(InputRows.SAMPLES)), lit(0L)))
                .head()
                .getLong(0);
    }

    /** The slices that have rows. */
    public List<Slice> slices() {
        SortedMap<Integer, SortedMap<Integer, Long>> tokens = new TreeMap<>();
        SortedMap<Integer, Long> rows = new TreeMap<>();
        for (Row part : planned()
                .where(col(SLICE).geq(0))
                .groupBy(col(SLICE), col(PARTITION))
                .agg(sum(col(InputRows.SAMPLES)), coalesce(sum(col(COST)), lit(0L)))
                .collectAsList()) {
            tokens.computeIfAbsent(part.getInt(0), ignored -> new TreeMap<>()).put(part.getInt(1), part.getLong(3));
            rows.merge(part.getInt(0), part.getLong(2), Long::sum);
        }
        return rows.entrySet().stream()
                .map(entry -> new Slice(List.of(entry.getKey()), entry.getValue(), tokens.get(entry.getKey())))
                .toList();
    }

    /** The rows of a slice as {@link InputRows#LEADING_COLUMNS} and what passes through, in their partitions. */
    public Dataset<Row> rows(Slice slice) {
        Column[] columns =
                Arrays.stream(schema.fieldNames()).map(SourceColumns::named).toArray(Column[]::new);
        return planned()
                .where(col(SLICE).isInCollection(slice.numbers()))
                .repartitionById(partitions, col(PARTITION))
                .sortWithinPartitions(col(COST).desc(), REQUEST, col("row_id"))
                .select(columns);
    }

    private Dataset<Row> planned() {
        StructType stored = schema.add(COST, DataTypes.LongType)
                .add(PARTITION, DataTypes.IntegerType)
                .add(SLICE, DataTypes.IntegerType);
        return LiteralPath.read(spark).schema(stored).parquet(path);
    }
}
