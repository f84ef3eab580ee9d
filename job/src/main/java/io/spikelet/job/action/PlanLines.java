package io.spikelet.job.action;

import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Row;

/** Lines of a plan that every kind of work has. */
final class PlanLines {
    private static final double MEGABYTE = 1 << 20;
    private static final double TASK_SHARE = 0.6; // what a task leaves to its caller and the garbage collector

    private PlanLines() {}

    private static String of(String name, String format, Object... values) {
        return name + ": " + String.format(Locale.ROOT, format, values);
    }

    private static String rows(PlanTotals totals) {
        return of("rows", "%d, of which %d are errors before any work", totals.rows(), totals.failed());
    }

    private static String shards(PlanTotals totals) {
        return of("shards", "%d on %d cores", totals.shards(), totals.cores());
    }

    private static String memory(PlanTotals totals, Row tried) {
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

    private static String time(double seconds, String bound) {
        return of("expected time", "%.1f s%s, without the start of Spark", seconds, bound);
    }

    /** Completions of at most so many tokens, by a {@link io.spikelet.job.task.Calibration}. */
    static List<String> ofCompletions(PlanTotals totals, int maxNewTokens, Row tried) {
        long prompts = tried.getAs("prompts");
        long promptTokens = totals.tokens(tried.<Long>getAs("tokens"), tried.<Long>getAs("bytes"));
        double mean = prompts == 0 ? 0 : (double) tried.<Long>getAs("tokens") / prompts;
        return List.of(
                rows(totals),
                of("requests", "%d prompts, %d completions", totals.requests(), totals.completions()),
                of(
                        "prompt tokens",
                        "about %d; in a sample of %d on average %.1f, at most %d, %d too long",
                        promptTokens,
                        prompts,
                        mean,
                        tried.<Long>getAs("longest"),
                        tried.<Long>getAs("too_long")),
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
                        tried.<Double>getAs("prefill_rate"),
                        tried.<Double>getAs("decode_rate")),
                time(seconds(totals, maxNewTokens, promptTokens, tried), " at most"));
    }

    /** Of all tasks on all cores, if every completion is as long as it may be; samples share their prompt. */
    private static double seconds(PlanTotals totals, int maxNewTokens, long promptTokens, Row tried) {
        double prefill = tried.<Double>getAs("prefill_rate");
        double decode = tried.<Double>getAs("decode_rate");
        if (prefill == 0 || decode == 0) {
            return 0;
        }
        double newTokens = (double) totals.completions() * maxNewTokens;
        return (promptTokens / prefill + newTokens / decode) / totals.busyCores();
    }

    /**
     * Scores, by a {@link io.spikelet.job.task.ScoringCalibration}.
     *
     * @param rows what to call them
     */
    static List<String> ofScores(String rows, PlanTotals totals, Row tried) {
        long sample = tried.getAs("rows");
        long tokens = tried.getAs("tokens");
        double rate = tried.<Double>getAs("rate");
        long all = totals.tokens(tokens, tried.<Long>getAs("bytes"));
        return List.of(
                rows(totals),
                of("requests", "%d %s", totals.requests(), rows),
                of(
                        "tokens",
                        "about %d; in a sample of %d on average %.1f, at most %d; %d of the sample failed",
                        all,
                        sample,
                        sample == 0 ? 0.0 : (double) tokens / sample,
                        tried.<Long>getAs("longest"),
                        tried.<Long>getAs("failed")),
                shards(totals),
                of("batch", "%d positions in one pass of a task", tried.<Integer>getAs("batch")),
                memory(totals, tried),
                of("speed of a task", "%.0f tokens/s", rate),
                time(rate == 0 ? 0 : all / rate / totals.busyCores(), ""));
    }
}
