package io.spikelet.job.cli;

import static org.apache.spark.sql.functions.col;

import io.spikelet.engine.score.PrefixPolicy;
import io.spikelet.job.action.PerplexityJob;
import io.spikelet.job.action.PerplexityOptions;
import io.spikelet.job.action.PrintedTable;
import io.spikelet.job.schema.Tables;
import io.spikelet.job.sql.Confidence;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Corpus perplexity. */
@Command(
        name = "perplexity",
        description = "Scores every document of a data set; writes the tables document_scores, summary and runs as "
                + "Parquet and prints the summary.",
        footer = {
            "",
            "The numbers are the same to the last bit for every number of partitions.",
            "Example:",
            "  spikelet perplexity --model datasets/models/tiny --input datasets/corpus --group-by group \\",
            "      --output out",
        })
final class PerplexityCommand implements Callable<Integer> {
    private static final PrintedTable SUMMARY = new PrintedTable(
            Tables.SUMMARY,
            summary -> summary.drop(
                            "run_id",
                            "nll",
                            "bootstrap_error",
                            "token_error",
                            "bits_per_byte_low",
                            "bits_per_byte_high",
                            "byte_perplexity")
                    .orderBy(col("level").desc(), col("protocol"), col("perplexity")));

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

    @Override
    public Integer call() {
        PerplexityOptions options = new PerplexityOptions(
                protocols,
                window.context(),
                window.stride(),
                PrefixPolicy.named(prefix),
                groupBy,
                new Confidence(seed, bootstrap),
                window.batchSize(),
                emitTokens);
        return run.run(new PerplexityJob(options), textColumn, SUMMARY);
    }
}
