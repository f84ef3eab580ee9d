package io.spikelet.job.cli;

import io.spikelet.job.action.DryRun;
import io.spikelet.job.action.GenerateJob;
import io.spikelet.job.action.JobRunner;
import io.spikelet.job.action.OpenSession;
import io.spikelet.job.action.RunRequest;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Batch completions. */
@Command(
        name = "generate",
        description = "Completes every prompt of a dataset; writes the tables completions and runs as Parquet.",
        sortOptions = false,
        footer = {
            "",
            "A row that cannot be completed (null, empty, not UTF-8, malformed, too long) becomes a row with an error.",
            "Examples:",
            "  spikelet generate --model datasets/models/tiny --input datasets/prompts --output out",
            "  spikelet generate --model models/0.8b --input questions.csv --output out \\",
            "      --template \"Q: {question}\\nA:\" --stop \"\\n\" --samples 4 --top-logprobs 5",
            "  spikelet generate --config job.yaml --seed 2 --print-config",
        })
final class GenerateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions run;

    @Mixin
    private RequestOptions requests;

    @Mixin
    private SamplingOptions sampling;

    @Mixin
    private DryRunOption dryRun;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        RunRequest request = run.request("generate", requests.promptColumn(), requests.spec(), err);
        GenerateJob job = new GenerateJob(sampling.options());
        if (dryRun.isGiven()) {
            DryRun plan = new DryRun(request, job);
            return DryRunOption.print(
                    "generate", plan, run.settings(), spec.commandLine().getOut());
        }
        JobRunner runner = new JobRunner(request, job).check();
        try (OpenSession session = SparkStart.open(
                run.settings(), "spikelet generate", spec.commandLine().getErr())) {
            return run.report("generate", runner.execute(session.spark()), err);
        }
    }
}
