package io.spikelet.job.cli;

import io.spikelet.engine.score.PrefixPolicy;
import io.spikelet.job.action.DryRun;
import io.spikelet.job.action.JobRunner;
import io.spikelet.job.action.OpenSession;
import io.spikelet.job.action.PerplexityJob;
import io.spikelet.job.action.PerplexityOptions;
import io.spikelet.job.action.RunRequest;
import io.spikelet.job.action.RunResult;
import io.spikelet.job.action.SqlAction;
import io.spikelet.job.sql.Confidence;
import io.spikelet.job.sql.ResultFormat;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Corpus perplexity. */
@Command(
        name = "perplexity",
        description = "Scores every document of a data set; writes the tables document_scores, summary and runs as "
                + "Parquet and prints the summary.",
        sortOptions = false,
        footer = {
            "",
            "The numbers are the same to the last bit for every number of partitions.",
            "Example:",
            "  spikelet perplexity --model datasets/models/tiny --input datasets/corpus --group-by group --output out",
        })
final class PerplexityCommand implements Callable<Integer> {
    private static final String SUMMARY = "SELECT * EXCEPT (run_id, nll, bootstrap_error, token_error, "
            + "bits_per_byte_low, bits_per_byte_high, byte_perplexity) FROM summary "
            + "ORDER BY level DESC, protocol, perplexity";

    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions run;

    @Option(
            names = "--text-column",
            paramLabel = "NAME",
            defaultValue = "text",
            description = "Column with the documents; default ${DEFAULT-VALUE}.")
    private String textColumn;

    @Option(
            names = "--protocol",
            split = ",",
            paramLabel = "P",
            defaultValue = PerplexityOptions.DEFAULT_PROTOCOL,
            description =
                    "How documents are split into windows: document, block, stream, lm-eval, llamacpp-chunk, hf-guide, "
                            + "hf-guide-exact; default ${DEFAULT-VALUE}. Several protocols in one run share their common work.")
    private List<String> protocols = new ArrayList<>();

    @Option(
            names = "--group-by",
            split = ",",
            paramLabel = "NAME",
            description = "Input columns whose values define the groups of the summary.")
    private List<String> groupBy = new ArrayList<>();

    @Mixin
    private WindowOptions window;

    @Option(
            names = "--prefix",
            paramLabel = "P",
            defaultValue = "auto",
            description =
                    "Token before a text, in the protocols that have one: bos, eos, none or auto (bos, else eos); "
                            + "default ${DEFAULT-VALUE}.")
    private String prefix;

    @Option(
            names = "--bootstrap",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Replicates of the bootstrap, 0 for none; default ${DEFAULT-VALUE}.")
    private int bootstrap;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Seed of the bootstrap; default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--emit-tokens", description = "Write the table token_scores too, a row per scored token.")
    private boolean emitTokens;

    @Mixin
    private DryRunOption dryRun;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        PerplexityOptions options = new PerplexityOptions(
                protocols,
                window.context(),
                window.stride(),
                PrefixPolicy.named(prefix),
                groupBy,
                new Confidence(seed, bootstrap),
                window.batchSize(),
                emitTokens);
        RunRequest request = run.request("perplexity", textColumn, err);
        PerplexityJob job = new PerplexityJob(options);
        if (dryRun.isGiven()) {
            DryRun plan = new DryRun(request, job);
            return DryRunOption.print(
                    "perplexity", plan, run.settings(), spec.commandLine().getOut());
        }
        JobRunner runner = new JobRunner(request, job).check();
        try (OpenSession session = SparkStart.open(
                run.settings(), "spikelet perplexity", spec.commandLine().getErr())) {
            RunResult result = runner.execute(session.spark());
            new SqlAction(List.of(result.output()), SUMMARY, ResultFormat.TABLE)
                    .execute(session.spark(), spec.commandLine().getOut(), err);
            result.note().ifPresent(err::println);
            return run.report("perplexity", result, err);
        }
    }
}
