package io.spikelet.job.cli;

import io.spikelet.engine.decode.SamplerPolicy;
import io.spikelet.job.UsageException;
import io.spikelet.job.action.GenerationOptions;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** How a command samples; defaults are those of the sampler. */
final class SamplingOptions {
    @Option(
            names = "--sampler",
            paramLabel = "S",
            description = "0.8b, 194m or greedy; default the one of the model's variant.")
    private String sampler;

    @Option(names = "--max-new-tokens", paramLabel = "N", description = "Most tokens of a completion; default 64.")
    private Integer maxNewTokens;

    @Option(names = "--temperature", paramLabel = "T", description = "Above 0; default 0.8. Greedy ignores it.")
    private Float temperature;

    @Option(names = "--top-k", paramLabel = "K", description = "0 keeps all; default 50. Greedy ignores it.")
    private Integer topK;

    @Option(names = "--top-p", paramLabel = "P", description = "Above 0, at most 1; default 0.9. 0.8b sampler only.")
    private Float topP;

    @Option(names = "--repetition-penalty", paramLabel = "R", description = "1 is off, the default. 0.8b sampler only.")
    private Float repetitionPenalty;

    @Option(
            names = "--adaptive-temperature",
            negatable = true,
            description = "Scale the temperature by the entropy of the logits; on by default.")
    private Boolean adaptiveTemperature;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "With the row id it determines every random number of a row; default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--token-logprobs",
            negatable = true,
            description = "Keep the log-probability of every token; on by default.")
    private Boolean tokenLogprobs;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Rows that a task decodes together; 0, the default, for as many as its memory allows, up to 32.")
    private int batchSize;

    GenerationOptions options() {
        return new GenerationOptions(
                Optional.ofNullable(sampler).map(SamplingOptions::policy),
                Optional.ofNullable(maxNewTokens),
                Optional.ofNullable(temperature),
                Optional.ofNullable(topK),
                Optional.ofNullable(topP),
                Optional.ofNullable(repetitionPenalty),
                Optional.ofNullable(adaptiveTemperature),
                seed,
                batchSize,
                tokenLogprobs == null || tokenLogprobs);
    }

    private static SamplerPolicy policy(String label) {
        return Arrays.stream(SamplerPolicy.values())
                .filter(policy -> policy.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new UsageException("--sampler is " + label + "; it must be one of "
                        + Arrays.stream(SamplerPolicy.values())
                                .map(SamplerPolicy::label)
                                .collect(Collectors.joining(", "))));
    }
}
