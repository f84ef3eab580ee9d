package io.spikelet.job.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
        row(out, "", "engine", "job", "share", "(min - max)", "whole run");
        for (SparkOverheadBenchmark.Figure figure : figures) {
            row(
                    out,
                    figure.work(),
                    number("%.1f", figure.engine().median()),
                    number("%.1f", figure.job().median()),
                    number("%.1f%%", 100 * figure.share().median()),
                    number("(%.1f%%", 100 * figure.share().min())
                            + number(" - %.1f%%)", 100 * figure.share().max()),
                    number("%.1f s", figure.runSeconds().median()));
        }
    }

    private static void row(PrintWriter out, String... columns) {
        out.println(String.format(Locale.ROOT, "%-26s %9s %9s %8s  %-19s %10s", (Object[]) columns)
                .stripTrailing());
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
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
