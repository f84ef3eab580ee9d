package io.spikelet.job.cli;

import io.spikelet.job.action.OpenSession;
import io.spikelet.job.action.Progress;
import io.spikelet.job.action.SparkSettings;
import java.io.PrintWriter;

/** The start of Spark, which takes seconds: a terminal shows a line meanwhile. */
final class SparkStart {
    private SparkStart() {}

    static OpenSession open(SparkSettings settings, String name, PrintWriter err) {
        Progress progress = TerminalLine.of(err);
        if (progress.isLive()) {
            progress.live("starting Spark");
        }
        try {
            return settings.open(name);
        } finally {
            if (progress.isLive()) {
                progress.live("");
            }
        }
    }
}
