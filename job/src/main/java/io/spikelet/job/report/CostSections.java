package io.spikelet.job.report;

import static io.spikelet.job.report.Markup.Look.KEY;
import static io.spikelet.job.report.Markup.Look.NUMBER;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.p;

import io.spikelet.job.report.Chart.Bar;
import io.spikelet.job.report.Chart.Point;
import io.spikelet.job.report.Chart.Series;
import io.spikelet.job.report.Markup.Field;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Sections about the costs of a run: throughput over time and by executor, and stragglers. */
final class CostSections {
    private static final int TIME_BINS = 40;
    private static final int SLOWEST = 8;

    /** With fewer shards there is nothing to see in a chart, and none of them stands out. */
    private static final int ENOUGH = 8;

    private final Row run;
    private final List<TaskCost> tasks;

    CostSections(Row run, Optional<Dataset<Row>> shards) {
        this.run = run;
        this.tasks = TaskCost.of(shards, run.getAs("run_id"));
    }

    /** Cards for the headline. */
    List<DomContent> cards() {
        long tokens = sum(tasks, TaskCost::tokens);
        double seconds = run.<Double>getAs("wall_seconds");
        return List.of(Markup.card(
                "tokens/s, overall",
                Markup.number(tokens / seconds, 3),
                Markup.count(tokens) + " in " + Markup.number(seconds, 3) + " s"));
    }

    Section throughput() {
        if (tasks.isEmpty()) {
            return Section.absent(
                    "throughput",
                    "Throughput",
                    "There is no table shards that says where and when each part of the run was done.");
        }
        List<TaskCost> continuous = TaskCost.withoutPauses(tasks);
        Map<String, List<TaskCost>> byExecutor = continuous.stream()
                .collect(Collectors.groupingBy(TaskCost::executor, TreeMap::new, Collectors.toList()));
        Optional<Chart> rates = Chart.Bars.of(
                "Tokens/s of a task's time, by executor.",
                byExecutor.entrySet().stream()
                        .map(entry -> new Bar(
                                entry.getKey(),
                                rate(entry.getValue()),
                                Markup.number(rate(entry.getValue())) + " tokens/s"))
                        .toList());
        List<Field<Map.Entry<String, List<TaskCost>>>> fields = List.of(
                new Field<>("executor", KEY, Map.Entry::getKey),
                new Field<>("shards", NUMBER, own -> Markup.count(own.getValue().size())),
                new Field<>("rows", NUMBER, own -> Markup.count(sum(own.getValue(), TaskCost::rows))),
                new Field<>("tokens", NUMBER, own -> Markup.count(sum(own.getValue(), TaskCost::tokens))),
                new Field<>("seconds of tasks", NUMBER, own -> Markup.number(seconds(own.getValue()))),
                new Field<>("tokens/s", NUMBER, own -> Markup.number(rate(own.getValue()))));
        return Section.of(
                "throughput",
                "Throughput",
                iff(tasks.size() >= ENOUGH, overTime(continuous, byExecutor).html()),
                iff(rates, Chart::html),
                Markup.grid(fields, byExecutor.entrySet()));
    }

    Section stragglers() {
        if (tasks.isEmpty()) {
            return Section.absent(
                    "stragglers", "Stragglers", "There is no table shards that says what each part of the run cost.");
        }
        List<TaskCost> warm = TaskCost.warm(tasks);
        if (warm.size() < ENOUGH) {
            return Section.absent(
                    "stragglers",
                    "Stragglers",
                    "Fewer than " + ENOUGH
                            + " shards ran after the first ones of each executor, which warm its JVM up.");
        }
        double mean = warm.stream().mapToDouble(TaskCost::seconds).average().orElseThrow();
        double slowest = warm.stream().mapToDouble(TaskCost::seconds).max().orElseThrow();
        List<Point> planned = warm.stream()
                .filter(task -> task.predictedTokens() > 0)
                .map(task -> new Point(task.predictedTokens(), task.seconds(), null))
                .toList();
        Chart dots = Chart.Plane.dots(
                "Every shard: time against planned tokens.",
                "planned, tokens",
                "seconds",
                List.of(new Series("shard", planned)));
        List<Field<TaskCost>> fields = List.of(
                new Field<>("attempt", NUMBER, task -> Markup.count(task.attempt())),
                new Field<>("shard", NUMBER, task -> Markup.count(task.shard())),
                new Field<>("executor", KEY, TaskCost::executor),
                new Field<>("rows", NUMBER, task -> Markup.count(task.rows())),
                new Field<>("tokens", NUMBER, task -> Markup.count(task.tokens())),
                new Field<>("seconds", NUMBER, task -> Markup.number(task.seconds())),
                new Field<>("of the mean", NUMBER, task -> Markup.number(task.seconds() / mean) + " ×"));
        return Section.of(
                "stragglers",
                "Stragglers",
                p("The slowest shard takes " + Markup.number(slowest / mean, 3) + " times the mean of "
                        + Markup.count(warm.size())
                        + " shards; the first ones of each executor, which warm its JVM up, are not among"
                        + " them."),
                iff(!planned.isEmpty(), dots.html()),
                Markup.grid(
                        fields,
                        warm.stream()
                                .sorted(Comparator.comparingDouble(TaskCost::seconds)
                                        .reversed())
                                .limit(SLOWEST)
                                .toList()));
    }

    /** A task's tokens are spread evenly over its time. */
    private static Chart overTime(List<TaskCost> tasks, Map<String, List<TaskCost>> byExecutor) {
        double start = tasks.stream().mapToDouble(TaskCost::start).min().orElseThrow();
        double end = tasks.stream().mapToDouble(TaskCost::end).max().orElseThrow();
        double width = Math.max(1e-3, (end - start) / TIME_BINS);
        boolean hasPauses =
                tasks.stream().mapToInt(TaskCost::attempt).distinct().count() > 1;
        List<Series> series = new ArrayList<>();
        if (byExecutor.size() > 1 && byExecutor.size() < Chart.MOST_SERIES) {
            byExecutor.forEach((name, own) -> series.add(new Series("executor " + name, binned(own, start, width))));
        }
        series.add(new Series("all", binned(tasks, start, width)));
        return Chart.Plane.lines(
                "Tokens/s, the tokens of a shard spread evenly over its time"
                        + (hasPauses ? "; the time between the attempts is left out." : "."),
                "seconds since the first shard began",
                "tokens/s",
                true,
                series);
    }

    private static List<Point> binned(List<TaskCost> tasks, double start, double width) {
        double[] tokens = new double[TIME_BINS];
        for (TaskCost task : tasks) {
            for (int bin = 0; bin < TIME_BINS; bin++) {
                double from = Math.max(task.start(), start + bin * width);
                double to = Math.min(task.end(), start + (bin + 1) * width);
                if (to > from) {
                    tokens[bin] += task.tokens() * (to - from) / task.seconds();
                }
            }
        }
        List<Point> points = new ArrayList<>();
        for (int bin = 0; bin < TIME_BINS; bin++) {
            points.add(new Point((bin + 0.5) * width, tokens[bin] / width, null));
        }
        return points;
    }

    private static double rate(List<TaskCost> tasks) {
        return sum(tasks, TaskCost::tokens) / seconds(tasks);
    }

    private static double seconds(List<TaskCost> tasks) {
        return tasks.stream().mapToDouble(TaskCost::seconds).sum();
    }

    private static long sum(List<TaskCost> tasks, ToLongFunction<TaskCost> figure) {
        return tasks.stream().mapToLong(figure).sum();
    }
}
