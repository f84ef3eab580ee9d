package io.spikelet.job.cli;

import io.spikelet.job.action.OpenSession;
import io.spikelet.job.action.ScoringBenchmark;
import io.spikelet.job.action.SparkSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What the job costs beside the engine. */
@Command(
        name = "bench-scoring",
        description =
                "Measures the tokens per second of a perplexity run, with and without --emit-tokens, as a share of "
                        + "the engine's own prefill on the same documents: on one core, in one process.",
        footer = {
            "",
            "Example:",
            "  spikelet bench-scoring --model models/0.8b --documents 8 --document-tokens 256",
        })
final class BenchScoringCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model directory with a tokenizer.")
    private Path model;

    @Option(
            names = "--documents",
            paramLabel = "N",
            defaultValue = "16",
            description = "Documents to score; default ${DEFAULT-VALUE}.")
    private int documents;

    @Option(
            names = "--document-tokens",
            paramLabel = "N",
            defaultValue = "256",
            description = "About so many tokens each; default ${DEFAULT-VALUE}.")
    private int documentTokens;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        ScoringBenchmark benchmark = new ScoringBenchmark(
                model, documents, documentTokens, spec.commandLine().getErr()::println);
        try (OpenSession session =
                new SparkSettings(Optional.of("local[1]"), Map.of()).open("spikelet bench-scoring")) {
            ScoringBenchmark.Figures figures = benchmark.execute(session.spark());
            out.printf(
                    Locale.ROOT,
                    "%d tokens%n%-32s %10.1f tokens/s%n%-32s %10.1f tokens/s  %.3f of it%n%-32s %10.1f tokens/s  %.3f of it%n",
                    figures.tokens(),
                    "engine, prefill with all logits",
                    figures.engine(),
                    "perplexity",
                    figures.job(),
                    figures.job() / figures.engine(),
                    "perplexity --emit-tokens",
                    figures.jobWithTokens(),
                    figures.jobWithTokens() / figures.engine());
        }
        return ExitStatus.DONE;
    }
}
