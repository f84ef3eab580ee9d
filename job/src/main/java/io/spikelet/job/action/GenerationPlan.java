package io.spikelet.job.action;

import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Row;

/**
 * What a run would do and take.
 *
 * @param rows of the input
 * @param failed rows that would be errors whatever the model
 * @param requests rows that would be worked on: no errors, no copies
 * @param completions of these rows
 * @param promptBytes of these rows
 * @param maxNewTokens of a completion
 * @param weightBytes mapped once on every node
 * @param tried a row of {@link io.spikelet.job.task.Calibration}
 * @param firstPrompts as the model would see them
 */
public record GenerationPlan(
        long rows,
        long failed,
        long requests,
        long completions,
        long promptBytes,
        int maxNewTokens,
        int partitions,
        int slices,
        int cores,
        long weightBytes,
        Row tried,
        List<String> firstPrompts) {
    private static final double MEGABYTE = 1 << 20;

    public GenerationPlan {
        firstPrompts = List.copyOf(firstPrompts);
    }

    /** Tokens of all prompts, BOS included, by the sample's tokens a byte. */
    public long promptTokens() {
        long bytes = tried.getAs("bytes");
        return bytes == 0 ? 0 : Math.round((double) promptBytes * tried.<Long>getAs("tokens") / bytes);
    }

    /** Tokens of all completions at most. */
    public long newTokens() {
        return completions * maxNewTokens;
    }

    /** Seconds of all tasks on all cores, if every completion is as long as it may be; samples share their prompt. */
    public double seconds() {
        double prefill = tried.<Double>getAs("prefill_rate");
        double decode = tried.<Double>getAs("decode_rate");
        if (prefill == 0 || decode == 0) {
            return 0;
        }
        return (promptTokens() / prefill + newTokens() / decode) / Math.min(cores, partitions);
    }

    /** The plan for people. */
    public List<String> lines() {
        long prompts = tried.getAs("prompts");
        int tasks = tried.<Integer>getAs("tasks");
        double task = tried.<Long>getAs("task_bytes") / MEGABYTE;
        double mean = prompts == 0 ? 0 : (double) tried.<Long>getAs("tokens") / prompts;
        return List.of(
                line("rows", "%d, of which %d are errors as they stand", rows, failed),
                line("requests", "%d prompts, %d completions", requests, completions),
                line(
                        "prompt tokens",
                        "about %d; in a sample of %d on average %.1f, at most %d, %d too long for the context",
                        promptTokens(),
                        prompts,
                        mean,
                        tried.<Long>getAs("longest"),
                        tried.<Long>getAs("too_long")),
                line("new tokens", "at most %d, %d for each completion", newTokens(), maxNewTokens),
                line("partitions", "%d in each of %d slices, on %d cores", partitions, slices, cores),
                line("batch", "%d rows together in a task", tried.<Integer>getAs("batch")),
                line(
                        "memory per executor",
                        "heap %.0f MB for %d tasks of %.0f MB, of %.0f MB there are; weights %.0f MB, mapped once a node",
                        tasks * task / 0.6, // what a task leaves to its caller and the garbage collector
                        tasks,
                        task,
                        tried.<Long>getAs("heap_bytes") / MEGABYTE,
                        weightBytes / MEGABYTE),
                line(
                        "speed of a task",
                        "%.0f prompt tokens/s, %.0f new tokens/s",
                        tried.<Double>getAs("prefill_rate"),
                        tried.<Double>getAs("decode_rate")),
                line("expected time", "%.1f s at most, without the start of Spark", seconds()));
    }

    private static String line(String name, String format, Object... values) {
        return name + ": " + String.format(Locale.ROOT, format, values);
    }
}
