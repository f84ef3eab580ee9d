package io.spikelet.job.plan;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.dense_rank;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import io.spikelet.job.UsageException;
import io.spikelet.job.schema.Columns;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The input of a job at its start: each row with its id, its cost and whether it is done. The remaining
 * rows are split into shards of about the same cost: they are distributed, most expensive first, forward and backward
 * in turn. The same rows make the same plan.
 */
public final class WorkPlan {
    /** Rows that are distributed as one group; larger groups are split by hash. */
    private static final int ROWS_OF_A_DEAL = 50_000;

    /** Whether a row is done: true; false if it was done and is to be done again; null if it never was. */
    public static final String FINISHED = SourceColumns.PREFIX + "finished";

    private static final String SHARD = SourceColumns.PREFIX + "shard";
    private static final String DEAL = SourceColumns.PREFIX + "deal";

    private static final Column IS_TO_DO = coalesce(col(FINISHED), lit(false)).equalTo(false);

    private final Dataset<Row> planned;
    private final StructType schema;
    private final Totals totals;

    private WorkPlan(Dataset<Row> planned, StructType schema) {
        this.planned = planned;
        this.schema = schema;
        this.totals = totals(planned);
    }

    /**
     * What a plan has.
     *
     * @param rows all of them
     * @param outputs of all rows: each as often as it has samples
     * @param finished rows that are done
     * @param again rows that were done and are to be done again
     * @param fresh rows that were never done
     * @param outputsToDo of the rows that are not finished
     * @param tokensToDo predicted cost of these
     * @param repeated rows with an id that another has been given too
     * @param named rows of the same content as another, whose ids are made up
     * @param example an id that repeats
     */
    public record Totals(
            long rows,
            long outputs,
            long finished,
            long again,
            long fresh,
            long outputsToDo,
            long tokensToDo,
            long repeated,
            long named,
            String example) {}

    /** A plan of rows of which none was worked on, computed again by every query. */
    public static WorkPlan of(PlanRows units) {
        StructType type = new StructType()
                .add("row_id", DataTypes.StringType)
                .add("content_sha256", DataTypes.StringType)
                .add(FINISHED, DataTypes.BooleanType);
        return of(units, units.rows().sparkSession().createDataFrame(List.<Row>of(), type), UnaryOperator.identity());
    }

    /**
     * Makes the plan.
     *
     * @param known rows that were worked on, as row_id, content_sha256 and {@link #FINISHED}
     * @param copy where the plan is kept
     */
    public static WorkPlan of(PlanRows units, Dataset<Row> known, UnaryOperator<Dataset<Row>> copy) {
        Dataset<Row> all = units.rows();
        Column isSame = all.col("row_id")
                .equalTo(known.col("row_id"))
                .and(all.col("content_sha256").equalTo(known.col("content_sha256")));
        List<Column> columns = new ArrayList<>();
        for (String name : units.schema().fieldNames()) {
            columns.add(all.col(Columns.quoted(name)));
        }
        columns.add(all.col(InputRows.OCCURRENCE));
        columns.add(known.col(FINISHED));
        Dataset<Row> planned = all.join(known, isSame, "left_outer")
                .select(columns.toArray(Column[]::new))
                .withColumn(InputRows.COST, units.tokens());
        return new WorkPlan(copy.apply(planned), units.schema());
    }

    /** What it has. */
    public Totals totals() {
        return totals;
    }

    /**
     * Makes sure that every row has an id of its own.
     *
     * @param input names the input in messages
     * @throws UsageException if one has not
     */
    public void requireDistinctIds(String input) {
        if (totals.repeated() > 0) {
            throw new UsageException(repeats(input, totals.repeated(), totals.example(), isOfRequests()));
        }
        if (totals.named() > 0) {
            Dataset<Row> madeUp = ofOccurrence(InputRows.NAMED);
            Dataset<Row> taken = ofOccurrence(InputRows.FIRST).join(madeUp, "row_id");
            List<Row> first = taken.limit(1).collectAsList();
            if (!first.isEmpty()) {
                throw new UsageException(
                        repeats(input, taken.count(), first.getFirst().getString(0), isOfRequests()));
            }
        }
    }

    /** @param ofRequests whether the ids are those of batch requests, in whose place no other can be named */
    static String repeats(String input, long rows, String example, boolean ofRequests) {
        return "--input " + input + " has " + rows + " row ids that occur more than once, such as \"" + example
                + "\"; ids must be unique: "
                + (ofRequests
                        ? "give each request a custom_id of its own, in all files"
                        : "name another --id-column, or drop that column with --drop-columns");
    }

    static boolean isOfRequests(StructType schema) {
        return List.of(schema.fieldNames())
                .containsAll(List.of(BatchFiles.FILE, BatchFiles.LINE, BatchFiles.PROMPT_INDEX, BatchFiles.LOGPROBS));
    }

    private Dataset<Row> ofOccurrence(int occurrence) {
        return planned.where(col(InputRows.OCCURRENCE).equalTo(occurrence)).select("row_id");
    }

    /**
     * The ids and content hashes of all input rows, those that were done included, and what may have changed of rows with the
     * same content: the places of requests in their files.
     */
    public Dataset<Row> keys() {
        return isOfRequests()
                ? planned.select("row_id", "content_sha256", BatchFiles.FILE, BatchFiles.LINE)
                : planned.select("row_id", "content_sha256");
    }

    /** Whether the rows are those of batch files. */
    public boolean isOfRequests() {
        return isOfRequests(schema);
    }

    /**
     * The rows that are to be done as {@link InputRows#LEADING_COLUMNS} and what passes through, a shard in each partition.
     *
     * @param shards about how many
     */
    public Dataset<Row> rows(int shards) {
        int deals = (int) Math.clamp(Math.ceilDiv(totals.fresh() + totals.again(), ROWS_OF_A_DEAL), 1, shards);
        int hands = Math.ceilDiv(shards, deals);
        Column place = dense_rank()
                .over(Window.partitionBy(col(DEAL)).orderBy(col(InputRows.COST).desc(), InputRows.WORK))
                .minus(1);
        Column round = pmod(place, lit(2 * hands));
        Column hand = when(round.lt(hands), round).otherwise(lit(2 * hands - 1).minus(round));
        return planned.where(IS_TO_DO)
                .withColumn(
                        DEAL, pmod(xxhash64(InputRows.WORK), lit((long) deals)).cast(DataTypes.IntegerType))
                .withColumn(SHARD, hand.multiply(deals).plus(col(DEAL)).cast(DataTypes.IntegerType))
                .repartitionById(deals * hands, col(SHARD))
                .sortWithinPartitions(col(InputRows.COST).desc(), InputRows.WORK, col("row_id"))
                .select(Columns.of(schema));
    }

    private static Totals totals(Dataset<Row> planned) {
        Column isRepeated = col(InputRows.OCCURRENCE).equalTo(InputRows.REPEATED);
        // An id that was given again carries the number of its occurrence until it is refused.
        Column givenId = regexp_replace(col("row_id"), lit("-[0-9]+$"), lit(""));
        Row row = planned.agg(
                        count(lit(1)),
                        total(col(InputRows.SAMPLES)),
                        count(when(col(FINISHED), 1)),
                        count(when(col(FINISHED).equalTo(false), 1)),
                        count(when(col(FINISHED).isNull(), 1)),
                        total(when(IS_TO_DO, col(InputRows.SAMPLES))),
                        total(when(IS_TO_DO, col(InputRows.COST))),
                        count(when(isRepeated, 1)),
                        count(when(col(InputRows.OCCURRENCE).equalTo(InputRows.NAMED), 1)),
                        min(when(isRepeated, givenId)))
                .head();
        return new Totals(
                row.getLong(0),
                row.getLong(1),
                row.getLong(2),
                row.getLong(3),
                row.getLong(4),
                row.getLong(5),
                row.getLong(6),
                row.getLong(7),
                row.getLong(8),
                row.getString(9));
    }

    private static Column total(Column values) {
        return coalesce(sum(values), lit(0L)).cast(DataTypes.LongType);
    }
}
