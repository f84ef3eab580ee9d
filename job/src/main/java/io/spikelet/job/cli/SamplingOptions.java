package io.spikelet.job.cli;

import io.spikelet.engine.decode.LogprobDetail;
import io.spikelet.engine.decode.SamplingParams;
import io.spikelet.engine.family.Families;
import io.spikelet.job.action.GenerationOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Sampling options. */
final class SamplingOptions {
    @Option(
            names = "--sampler",
            paramLabel = "S",
            description =
                    "greedy, plain, or a sampler of the model's family; default the one of the model's variant. The message "
                            + "about an unknown name lists all of them.")
    private Optional<String> sampler = Optional.empty();

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            defaultValue = "64",
            description = "Maximum tokens of a completion; default ${DEFAULT-VALUE}.")
    private int maxNewTokens;

    @Option(
            names = "--min-new-tokens",
            paramLabel = "N",
            defaultValue = "0",
            description = "Minimum tokens of a completion, unless the context ends; default ${DEFAULT-VALUE}.")
    private int minNewTokens;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "Above 0; default that of the sampler, 0.8 for most. Greedy ignores it.")
    private Optional<Float> temperature = Optional.empty();

    @Option(
            names = "--adaptive-temperature",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Scale the temperature by the entropy of the logits; on by default.")
    private boolean adaptiveTemperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            description =
                    "Only the K most likely tokens; 0 keeps all, default that of the sampler, 50 for most. Greedy ignores it.")
    private Optional<Integer> topK = Optional.empty();

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description =
                    "Only the smallest set of most likely tokens whose total probability exceeds P, above 0, at most 1; "
                            + "default that of the sampler, 0.7 to 1. Greedy ignores it.")
    private Optional<Float> topP = Optional.empty();

    @Option(
            names = "--min-p",
            paramLabel = "P",
            defaultValue = "0",
            description =
                    "Only tokens at least P times as likely as the most likely one; default ${DEFAULT-VALUE}, off. "
                            + "Greedy ignores it.")
    private float minP;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "R",
            defaultValue = "1",
            description = "Divides positive and multiplies negative logits of tokens in prompt and completion; 1, the "
                    + "default, is off.")
    private float repetitionPenalty;

    @Option(
            names = "--presence-penalty",
            paramLabel = "R",
            defaultValue = "0",
            description = "Subtracted from the logits of tokens that occur in the completion; -2 to 2, default "
                    + "${DEFAULT-VALUE}.")
    private float presencePenalty;

    @Option(
            names = "--frequency-penalty",
            paramLabel = "R",
            defaultValue = "0",
            description = "Subtracted once per occurrence of the token in the completion; -2 to 2, default "
                    + "${DEFAULT-VALUE}.")
    private float frequencyPenalty;

    @Option(
            names = "--stop",
            paramLabel = "TEXT",
            description =
                    "Ends a completion; its text is cut before the stop string. May be repeated. \\n, \\r, \\t and \\\\ are "
                            + "escapes.")
    private List<String> stop = new ArrayList<>();

    @Option(names = "--stop-ids", split = ",", paramLabel = "ID", description = "Token ids that end a completion.")
    private int[] stopIds = {};

    @Option(names = "--banned-ids", split = ",", paramLabel = "ID", description = "Token ids that are never produced.")
    private int[] bannedIds = {};

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Seed of the random numbers, together with the row id; default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--token-logprobs",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Keep the log-probability of every token; on by default.")
    private boolean tokenLogprobs;

    @Option(
            names = "--top-logprobs",
            paramLabel = "K",
            defaultValue = "0",
            description = "Keep the K most likely tokens of every step and their log-probabilities; default "
                    + "${DEFAULT-VALUE}.")
    private int topLogprobs;

    @Option(
            names = "--prompt-logprobs",
            description =
                    "Keep the prompt's token ids and their log-probabilities; with --top-logprobs the most likely "
                            + "ones too.")
    private boolean promptLogprobs;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Rows that a task decodes in one batch; 0, the default, for as many as its memory allows, up to 32.")
    private int batchSize;

    GenerationOptions options() {
        return new GenerationOptions(
                sampler.map(Families.all()::sampler),
                this::set,
                new LogprobDetail(topLogprobs, promptLogprobs),
                seed,
                batchSize,
                tokenLogprobs);
    }

    private void set(SamplingParams.Builder params) {
        params.maxNewTokens(maxNewTokens)
                .minNewTokens(minNewTokens)
                .adaptiveTemperature(adaptiveTemperature)
                .minP(minP)
                .repetitionPenalty(repetitionPenalty)
                .presencePenalty(presencePenalty)
                .frequencyPenalty(frequencyPenalty)
                .stopStrings(stop.stream().map(Escapes::resolve).toList())
                .stopIds(stopIds)
                .bannedIds(bannedIds);
        temperature.ifPresent(params::temperature);
        topK.ifPresent(params::topK);
        topP.ifPresent(params::topP);
    }
}
