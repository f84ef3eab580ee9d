package io.spikelet.job.cli;

import io.spikelet.job.MessageText;
import io.spikelet.job.action.OpenSession;
import io.spikelet.job.action.ReportAction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A run on one page. */
@Command(
        name = "report",
        description =
                "Writes one HTML file about a run or a comparison, with charts; it loads nothing from the network.",
        footer = {
            "",
            "Example:",
            "  spikelet report out -o report.html",
        })
final class ReportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "RESULTS",
            description = "Output directory of generate, perplexity, choice, compare or compare-runs.")
    private String results;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "FILE",
            description = "The HTML file; an existing file is replaced.")
    private Path output;

    @Option(
            names = "--group-by",
            split = ",",
            paramLabel = "NAME",
            description =
                    "Columns of completions, or of compared documents, that define groups; default the first input column "
                            + "with few distinct values. Scored documents and choices have the groups of "
                            + "their run.")
    private List<String> groupBy = new ArrayList<>();

    @Option(
            names = "--no-texts",
            description =
                    "Shows no prompt, completion, choice or excerpt of a document, and no column that passed through.")
    private boolean noTexts;

    @Mixin
    private SparkOptions spark;

    @Override
    public Integer call() throws Exception {
        ReportAction action = new ReportAction(results, groupBy, !noTexts).check();
        try (AtomicFile file = new AtomicFile(output);
                OpenSession session = spark.open()) {
            Files.writeString(file.path(), action.execute(session.spark()));
            file.publish();
        }
        spec.commandLine().getErr().println(MessageText.visible("report: written to " + output));
        return ExitStatus.DONE;
    }
}
