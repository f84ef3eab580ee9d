package io.spikelet.job.cli;

import io.spikelet.job.action.CompareRunsAction;
import io.spikelet.job.action.OpenSession;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Two finished runs on the rows they share. */
@Command(
        name = "compare-runs",
        description = "Compares two finished perplexity runs on the documents that both have scored: perplexity "
                + "with a paired error, changes of probabilities (if both wrote token_scores), the worst documents.",
        footer = {
            "",
            "Finished runs have no distributions, so there is no KL divergence and no top-1 agreement: for",
            "those use compare, which runs both models.",
            "Example:",
            "  spikelet compare-runs --run out/int8 --baseline out/fp32 --output out/difference",
        })
final class CompareRunsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--run", required = true, paramLabel = "DIR", description = "The --output of a perplexity.")
    private String run;

    @Option(
            names = "--baseline",
            required = true,
            paramLabel = "DIR",
            description = "The --output of the perplexity to compare it with.")
    private String baseline;

    @Option(
            names = "--output",
            required = true,
            paramLabel = "DIR",
            description = "Directory for the tables; it must not exist.")
    private String output;

    @Mixin
    private SparkOptions spark;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        CompareRunsAction action = new CompareRunsAction(run, baseline, output).check();
        try (OpenSession session = spark.open()) {
            CompareRunsAction.Result result = action.execute(session.spark());
            ComparisonReport.print(
                    session.spark(), result.output(), false, spec.commandLine().getOut(), err);
            err.println("compare-runs: " + result.documents() + " documents, " + result.unmatched()
                    + " that only one run has scored were left out, written to " + result.output()
                    + "; runs keep no distributions, so there is no KL divergence");
        }
        return ExitStatus.DONE;
    }
}
