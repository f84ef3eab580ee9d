package io.spikelet.job.cli;

import io.spikelet.engine.model.ModelSettings;
import io.spikelet.job.action.CompareJob;
import io.spikelet.job.action.CompareOptions;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.plan.RequestSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Two models on the same rows. */
@Command(
        name = "compare",
        description = "Runs two models over the same documents and compares them: perplexity with a paired error, "
                + "KL divergence, top-1 agreement, changes of probabilities, the worst documents. Writes the tables "
                + "document_comparisons, comparison_summary and runs.",
        footer = {
            "",
            "Differences are --model minus --baseline. For two finished runs, use compare-runs.",
            "Example, the quantisation report of a conversion:",
            "  spikelet convert --checkpoint latest.pt --tokenizer t.model --output int8",
            "  spikelet convert --checkpoint latest.pt --tokenizer t.model --output fp32 --weights fp32",
            "  spikelet compare --model int8 --baseline fp32 --input corpus.jsonl --output out",
        })
final class CompareCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions run;

    @Option(
            names = "--baseline",
            required = true,
            paramLabel = "DIR",
            description = "The model to compare with; it must have the same tokenizer.")
    private String baseline;

    @Option(
            names = "--baseline-ablate",
            split = ",",
            paramLabel = "PART",
            description = "Parts of the baseline to disable, as --ablate for the model.")
    private List<String> ablated = new ArrayList<>();

    @Option(
            names = "--baseline-kv-cache",
            paramLabel = "TYPE",
            description = "What attention of the baseline stores of keys and values, as --kv-cache of the model.")
    private String keyValueCache;

    @Option(
            names = "--text-column",
            paramLabel = "NAME",
            defaultValue = "text",
            description = "Column with the documents; default ${DEFAULT-VALUE}.")
    private String textColumn;

    @Option(
            names = "--protocol",
            paramLabel = "P",
            defaultValue = "document",
            description = "How documents are split into windows: document, block, lm-eval; default ${DEFAULT-VALUE}.")
    private String protocol;

    @Mixin
    private WindowOptions window;

    private ModelSettings settings() {
        return ModelOptions.settings(ablated, keyValueCache);
    }

    @Override
    public Integer call() {
        CompareJob job = new CompareJob(new CompareOptions(
                ModelLocation.parse(baseline).with(settings()),
                protocol,
                window.context(),
                window.stride(),
                window.batchSize()));
        CommandLine streams = spec.commandLine();
        return run.run(
                job,
                textColumn,
                RequestSpec.NONE,
                (spark, result) ->
                        ComparisonReport.print(spark, result.output(), true, streams.getOut(), streams.getErr()));
    }
}
