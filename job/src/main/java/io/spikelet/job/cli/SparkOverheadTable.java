package io.spikelet.job.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spikelet.engine.bench.Spread;
import io.spikelet.job.action.SparkOverheadBenchmark;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** The result of {@code bench --job} as text or as one JSON object. */
record SparkOverheadTable(List<SparkOverheadBenchmark.Figure> figures) {
    void print(PrintWriter out, boolean json) {
        if (json) {
            out.println(json().toPrettyString());
            return;
        }
        out.println("Tokens per second of one thread, medians: the engine alone, and the tasks of a job in local[1].");
        out.println();
        out.printf("%-26s %9s %9s %8s  %-19s %10s%n", "", "engine", "job", "share", "(min - max)", "whole run");
        for (SparkOverheadBenchmark.Figure figure : figures) {
            Spread share = figure.share();
            out.println(String.format(
                    Locale.ROOT,
                    "%-26s %9.1f %9.1f %7.1f%%  %-19s %8.1f s",
                    figure.work(),
                    figure.engine().median(),
                    figure.job().median(),
                    100 * share.median(),
                    String.format(Locale.ROOT, "(%.1f%% - %.1f%%)", 100 * share.min(), 100 * share.max()),
                    figure.runSeconds().median()));
        }
    }

    private ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode jobs = json.putArray("job");
        for (SparkOverheadBenchmark.Figure figure : figures) {
            jobs.addObject()
                    .put("work", figure.work())
                    .put("engine_tokens_per_second", figure.engine().median())
                    .put("job_tokens_per_second", figure.job().median())
                    .put("share", figure.share().median())
                    .put("share_min", figure.share().min())
                    .put("share_max", figure.share().max())
                    .put("run_seconds", figure.runSeconds().median());
        }
        return json;
    }
}
