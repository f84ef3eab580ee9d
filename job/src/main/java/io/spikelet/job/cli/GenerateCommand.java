package io.spikelet.job.cli;

import io.spikelet.job.action.GenerateJob;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Batch completions. */
@Command(
        name = "generate",
        description = "Completes every prompt of a dataset; writes the tables completions and runs as Parquet.",
        footer = {
            "",
            "A row that cannot be completed (null, empty, not UTF-8, malformed, too long) becomes a row with",
            "an error.",
            "Examples:",
            "  spikelet generate --model datasets/models/tiny --input datasets/prompts --output out",
            "  spikelet generate --model models/0.8b --input questions.csv --output out \\",
            "      --template \"Q: {question}\\nA:\" --stop \"\\n\" --samples 4 --top-logprobs 5",
            "  spikelet generate --config job.yaml --seed 2 --print-config",
        })
final class GenerateCommand implements Callable<Integer> {
    @Mixin
    private RunOptions run;

    @Mixin
    private RequestOptions requests;

    @Mixin
    private SamplingOptions sampling;

    @Override
    public Integer call() {
        GenerateJob job = new GenerateJob(sampling.options());
        return run.run(job, requests.promptColumn(), requests.spec(), (spark, result) -> {});
    }
}
