package io.spikelet.job.action;

import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Row;

/** Lines of a plan that every kind of work has. */
final class DryRunLines {
    private static final double MEGABYTE = 1 << 20;
    private static final double LEAST_WORK = 0.8; // of what the calibration says
    private static final double MOST_WORK = 1.5;
    private static final double WARM_UP_SECONDS = 10; // until the JVM has compiled what runs often
    private static final int STEPS = 5; // times that a run reads or writes its rows besides the work, at most
    private static final double TASK_SHARE = 0.6; // what a task leaves to its caller and the garbage collector

    private DryRunLines() {}

    private static String of(String name, String format, Object... values) {
        return name + ": " + String.format(Locale.ROOT, format, values);
    }

    private static String rows(DryRunTotals totals) {
        return of("rows", "%d, of which %d are errors before any work", totals.rows(), totals.failed());
    }

    /** Tokens of all texts, by those of the sample. */
    private static long tokens(DryRunTotals totals, Row tried) {
        return totals.tokens(tried.<Long>getAs("tokens"), tried.<Long>getAs("bytes"));
    }

    private static String sample(String name, long tokens, Row tried) {
        long texts = tried.getAs("texts");
        long failed = tried.getAs("failed");
        return of(
                name,
                "about %d; in a sample of %d on average %.1f, at most %d; %d of the sample failed",
                tokens,
                texts,
                tried.<Long>getAs("tokens") / (double) Math.max(1, texts - failed),
                tried.<Long>getAs("longest"),
                failed);
    }

    private static String shards(DryRunTotals totals) {
        return of("shards", "%d on %d cores", totals.shards(), totals.cores());
    }

    private static String memory(DryRunTotals totals, Row tried) {
        int tasks = tried.getAs("tasks");
        long heapBytes = tried.getAs("heap_bytes");
        double task = tried.<Long>getAs("task_bytes") / MEGABYTE;
        return of(
                "memory per executor",
                "heap %.0f MB for %d tasks of %.0f MB, of %.0f MB there are; weights %.0f MB, mapped once a node",
                tasks * task / TASK_SHARE,
                tasks,
                task,
                heapBytes / MEGABYTE,
                totals.weightBytes() / MEGABYTE);
    }

    /**
     * @param seconds of the work at the speed of the calibration
     * @param work what these seconds are
     */
    private static String time(DryRunTotals totals, double seconds, String work) {
        double start = totals.startSeconds();
        double steps = totals.readSeconds();
        double least = LEAST_WORK * seconds;
        double most = MOST_WORK * seconds + WARM_UP_SECONDS;
        return of(
                "expected time",
                "%s to %s: start of Spark %.1f s, reading the input and writing the tables %.1f to %.1f s, %s %s to %s",
                duration(start + steps + least),
                duration(start + STEPS * steps + most),
                start,
                steps,
                STEPS * steps,
                work,
                duration(least),
                duration(most));
    }

    private static String duration(double seconds) {
        return ProgressLine.duration((long) Math.ceil(seconds));
    }

    /** Completions of at most so many tokens, by a {@link io.spikelet.job.task.Trial}. */
    static List<String> ofCompletions(DryRunTotals totals, int maxNewTokens, Row tried) {
        long promptTokens = tokens(totals, tried);
        return List.of(
                rows(totals),
                of("requests", "%d prompts, %d completions", totals.requests(), totals.completions()),
                sample("prompt tokens", promptTokens, tried),
                of(
                        "new tokens",
                        "at most %d, %d for each completion",
                        totals.completions() * maxNewTokens,
                        maxNewTokens),
                shards(totals),
                of("batch", "%d rows in one pass of a task", tried.<Integer>getAs("batch")),
                memory(totals, tried),
                of(
                        "speed of a task",
                        "%.0f prompt tokens/s, %.0f new tokens/s",
                        tried.<Double>getAs("rate"),
                        tried.<Double>getAs("decode_rate")),
                time(totals, seconds(totals, maxNewTokens, promptTokens, tried), "completions of full length"));
    }

    /** Of all tasks on all cores, if every completion is as long as it may be; samples share their prompt. */
    private static double seconds(DryRunTotals totals, int maxNewTokens, long promptTokens, Row tried) {
        double prefill = tried.<Double>getAs("rate");
        double decode = tried.<Double>getAs("decode_rate");
        if (prefill == 0 || decode == 0) {
            return 0;
        }
        double newTokens = (double) totals.completions() * maxNewTokens;
        return (promptTokens / prefill + newTokens / decode) / totals.busyCores();
    }

    /**
     * Scores, by a {@link io.spikelet.job.task.Trial}.
     *
     * @param rows what to call them
     */
    static List<String> ofScores(String rows, DryRunTotals totals, Row tried) {
        double rate = tried.<Double>getAs("rate");
        long tokens = tokens(totals, tried);
        return List.of(
                rows(totals),
                of("requests", "%d %s", totals.requests(), rows),
                sample("tokens", tokens, tried),
                shards(totals),
                of("batch", "%d positions in one pass of a task", tried.<Integer>getAs("columns")),
                memory(totals, tried),
                of("speed of a task", "%.0f tokens/s", rate),
                time(totals, rate == 0 ? 0 : tokens / rate / totals.busyCores(), "scoring"));
    }
}
