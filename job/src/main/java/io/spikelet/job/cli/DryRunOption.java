package io.spikelet.job.cli;

import io.spikelet.job.MessageText;
import io.spikelet.job.action.DryRun;
import io.spikelet.job.action.DryRunReport;
import io.spikelet.job.action.OpenSession;
import io.spikelet.job.action.SparkSettings;
import java.io.PrintWriter;
import picocli.CommandLine.Option;

/** A plan instead of a run. */
final class DryRunOption {
    @Option(
            names = "--dry-run",
            description =
                    "Only print what the command would do and need: rows, tokens, partitions, memory, the time by a "
                            + "short calibration, and the first texts. Nothing is written.")
    private boolean dryRun;

    private static final double NANOS_PER_SECOND = 1e9;

    boolean isGiven() {
        return dryRun;
    }

    /** Prints a plan; the exit status. */
    static int print(String command, DryRun action, SparkSettings settings, PrintWriter out, PrintWriter err) {
        action.check(settings);
        long start = System.nanoTime();
        try (OpenSession session = SparkStart.open(settings, "spikelet " + command, err)) {
            DryRunReport plan = action.execute(session.spark(), (System.nanoTime() - start) / NANOS_PER_SECOND);
            plan.lines().forEach(out::println);
            for (String text : plan.firstTexts()) {
                out.println(MessageText.visible(plan.textName()) + ":");
                out.println(MessageText.visible(text.indent(2).stripTrailing()));
            }
            out.flush();
        }
        return ExitStatus.DONE;
    }
}
