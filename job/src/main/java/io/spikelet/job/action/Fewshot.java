package io.spikelet.job.action;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sha2;

import io.spikelet.job.UsageException;
import io.spikelet.job.plan.InputReader;
import io.spikelet.job.plan.InputRows;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.task.ChoiceTask;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;

/**
 * The examples that the model reads before each item. All items of a run have the same ones, in the same order, so that
 * they are decoded once.
 *
 * @param number 0 for none
 * @param seed of the draw
 * @param split a file of items; empty for that of the task
 */
public record Fewshot(int number, long seed, Optional<String> split) {
    /** The seed unless another is given: that of lm-evaluation-harness. */
    public static final long DEFAULT_SEED = 1234;

    /** No examples. */
    public static final Fewshot NONE = new Fewshot(0, DEFAULT_SEED, Optional.empty());

    private static final int MOST = 100;

    public Fewshot {
        if (number < 0 || number > MOST) {
            throw new UsageException("--num-fewshot is " + number + "; it must be 0 to " + MOST);
        }
    }

    /** Whether there are examples. */
    boolean isGiven() {
        return number > 0;
    }

    /**
     * The file with the items to draw from.
     *
     * @param input the items to score, in whose folder a task's file is
     * @throws UsageException if neither the options nor the task name one, or if it is the input
     */
    String path(ChoiceTask task, String input) {
        String named = split.or(() -> Optional.ofNullable(task.fewshotSplit())
                        .map(file -> new Path(new Path(input).getParent(), file).toString()))
                .orElseThrow(() -> new UsageException("--num-fewshot is " + number + " and the task " + task.name()
                        + " names no file of examples (fewshot_split); name one with --fewshot-split"));
        if (new Path(named).equals(new Path(input))) {
            throw new UsageException("--fewshot-split " + named
                    + " is --input itself, so that items would be their own examples; name a file of other items");
        }
        return named;
    }

    /**
     * Draws the examples: the items whose SHA-256 with the seed is smallest, whatever their order in the file.
     *
     * @throws UsageException if the file cannot be used or has too few items
     */
    List<String> draw(SparkSession spark, ChoiceTask task, String input) {
        if (!isGiven()) {
            return List.of();
        }
        String path = path(task, input);
        try {
            return SparkFailure.asUsage("it cannot be read", () -> draw(spark, task, InputSpec.of(path, task.text())));
        } catch (UsageException e) {
            throw new UsageException("--fewshot-split " + path + " cannot be used: " + e.getMessage(), e);
        }
    }

    private List<String> draw(SparkSession spark, ChoiceTask task, InputSpec pool) {
        InputRows items = InputReader.read(spark, pool);
        task.requireColumns(items.passThrough());
        List<Row> drawn = items.partitioned(1)
                .where("error_class IS NULL")
                .dropDuplicates(new String[] {"content_sha256"})
                .orderBy(sha2(concat(lit(seed + " "), col("content_sha256")).cast(DataTypes.BinaryType), 256))
                .limit(number)
                .collectAsList();
        if (drawn.size() < number) {
            throw new UsageException("it has " + drawn.size() + " different items and --num-fewshot is " + number
                    + "; lower the number");
        }
        return drawn.stream()
                .map(item -> task.example(item, items.passThrough()))
                .toList();
    }
}
