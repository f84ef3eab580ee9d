package io.spikelet.job.cli;

import io.spikelet.job.MessageText;
import io.spikelet.job.action.DryRun;
import io.spikelet.job.action.DryRunReport;
import io.spikelet.job.action.GenerateJob;
import io.spikelet.job.action.OpenSession;
import io.spikelet.job.action.ResumePolicy;
import io.spikelet.job.action.RunArguments;
import io.spikelet.job.action.SparkSettings;
import io.spikelet.job.task.RowLimits;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A dry run. */
@Command(
        name = "plan",
        description = "Prints what generate with the same options would do and need, and writes nothing: rows, tokens, "
                + "partitions, memory, the time by a short calibration, and the first prompts.",
        footer = {
            "",
            "Example:",
            "  spikelet plan --model datasets/models/tiny --input datasets/prompts --samples 8",
            "perplexity, choice and compare print the same with --dry-run.",
        })
final class PlanCommand implements Callable<Integer> {
    private static final double NANOS_PER_SECOND = 1e9;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ModelOptions model;

    @Mixin
    private InputOptions input;

    @SuppressWarnings("UnusedVariable") // taken and not used, as its description says
    @Option(
            names = "--output",
            paramLabel = "DIR",
            description = "Accepted so that a command line of generate works unchanged; nothing is written.")
    private String output;

    @Mixin
    private RequestOptions requests;

    @Mixin
    private SamplingOptions sampling;

    @Mixin
    private SparkOptions spark;

    @Mixin
    private PartitionOptions partitions;

    @Override
    public Integer call() {
        RunArguments arguments = new RunArguments(
                "plan",
                model.location(),
                input.spec(requests.promptColumn(), requests.spec()),
                "",
                partitions.number(),
                ResumePolicy.NEW,
                RowLimits.NONE,
                line -> {});
        DryRun plan = new DryRun(arguments, new GenerateJob(sampling.options()));
        return print(
                plan, spark, model.apply(spark.settings()), spec.commandLine().getOut());
    }

    /** Prints a plan of any command; the exit status. */
    static int print(DryRun plan, SparkOptions spark, SparkSettings settings, PrintWriter out) {
        plan.check(settings);
        long start = System.nanoTime();
        try (OpenSession session = spark.open(settings)) {
            DryRunReport report = plan.execute(session.spark(), (System.nanoTime() - start) / NANOS_PER_SECOND);
            report.lines().forEach(out::println);
            for (String text : report.firstTexts()) {
                out.println(MessageText.visible(report.textName()) + ":");
                out.println(MessageText.visible(text.indent(2).stripTrailing()));
            }
            out.flush();
        }
        return ExitStatus.DONE;
    }
}
