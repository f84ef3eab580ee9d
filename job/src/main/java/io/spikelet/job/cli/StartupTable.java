package io.spikelet.job.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spikelet.job.cli.StartupBenchmark.Figure;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** What {@code bench --startup} measured, for people or as one JSON object. */
record StartupTable(List<Figure> figures) {
    void print(PrintWriter out, boolean json) {
        if (json) {
            out.println(json().toPrettyString());
            return;
        }
        out.println("Medians of whole commands; the share is that of the CPU seconds of the minimal Spark program.");
        out.println();
        out.printf("%-28s %8s %8s %7s%n", "", "wall s", "CPU s", "share");
        figures.forEach(figure -> out.println(String.format(
                Locale.ROOT,
                "%-28s %8.2f %8.2f %7.2f",
                figure.command(),
                figure.wallSeconds(),
                figure.cpuSeconds(),
                share(figure))));
    }

    private double share(Figure figure) {
        return figure.cpuSeconds() / figures.getFirst().cpuSeconds();
    }

    private ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode commands = json.putArray("startup");
        for (Figure figure : figures) {
            commands.addObject()
                    .put("command", figure.command())
                    .put("wall_seconds", figure.wallSeconds())
                    .put("cpu_seconds", figure.cpuSeconds())
                    .put("share_of_minimal", share(figure));
        }
        return json;
    }
}
