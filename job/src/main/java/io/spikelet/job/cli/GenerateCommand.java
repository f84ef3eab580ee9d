package io.spikelet.job.cli;

import io.spikelet.job.action.GenerateAction;
import io.spikelet.job.action.OpenSession;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Batch completions. */
@Command(
        name = "generate",
        description = "Completes every prompt of a data set; writes the tables completions and runs as Parquet.",
        sortOptions = false,
        footer = {
            "",
            "A row that cannot be completed (null, empty, not UTF-8, malformed, too long) becomes a row with an error.",
            "Example:",
            "  spikelet generate --model datasets/models/tiny --input datasets/prompts --output out",
        })
final class GenerateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions run;

    @Option(
            names = "--prompt-column",
            paramLabel = "NAME",
            defaultValue = "prompt",
            description = "Column with the prompts; default ${DEFAULT-VALUE}.")
    private String promptColumn;

    @Mixin
    private SamplingOptions sampling;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        GenerateAction action =
                new GenerateAction(run.request("generate", promptColumn, err), sampling.options()).check();
        try (OpenSession session = run.settings().open("spikelet generate")) {
            return run.report("generate", action.execute(session.spark()), err);
        }
    }
}
