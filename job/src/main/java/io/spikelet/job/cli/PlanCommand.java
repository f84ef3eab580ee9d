package io.spikelet.job.cli;

import io.spikelet.job.action.GenerationPlan;
import io.spikelet.job.action.OpenSession;
import io.spikelet.job.action.PlanAction;
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
        description = "Says what generate with the same options would do and take, and writes nothing: rows, tokens, "
                + "partitions, memory, the time by a short calibration, and the first prompts.",
        sortOptions = false,
        footer = {
            "",
            "Example:",
            "  spikelet plan --model datasets/models/tiny --input datasets/prompts --samples 8",
        })
final class PlanCommand implements Callable<Integer> {
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
            description = "Taken so that the options of generate can stay as they are; nothing is written there.")
    private String output;

    @Mixin
    private RequestOptions requests;

    @Mixin
    private SamplingOptions sampling;

    @Mixin
    private SparkOptions spark;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PlanAction action = new PlanAction(
                        model.location(),
                        input.spec(requests.promptColumn(), requests.spec()),
                        spark.partitions(),
                        sampling.options())
                .check();
        try (OpenSession session = model.apply(spark.settings()).open("spikelet plan")) {
            GenerationPlan plan = action.execute(session.spark());
            plan.lines().forEach(out::println);
            for (String prompt : plan.firstPrompts()) {
                out.println("prompt:");
                out.println(prompt.indent(2).stripTrailing());
            }
            out.flush();
        }
        return ExitStatus.DONE;
    }
}
