package io.spikelet.engine.decode;

import io.spikelet.engine.model.SamplerPolicy;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Everything that determines how a row is sampled and when it ends. Immutable. The steps from logits to a token, in this
 * order (for a {@linkplain SamplerPolicy#isGreedy greedy} policy the first three, then the largest logit):
 *
 * <ol>
 *   <li>repetition penalty: the logit of every id in the prompt or the completion so far is divided by the penalty if
 *       it is positive and multiplied by it if it is negative, once per id (CTRL, arXiv:1909.05858, as Hugging Face's
 *       transformers and upstream do it)
 *   <li>frequency and presence penalty: from the logit of an id that the completion holds c times, c &gt; 0, {@code c *
 *       frequencyPenalty} is subtracted, then {@code presencePenalty} (OpenAI's definition; the prompt does not count)
 *   <li>banned ids, and ids that end a completion while it is shorter than {@code minNewTokens}, get -Infinity
 *   <li>temperature, adapted to the entropy of these logits if the policy does so
 *   <li>top-k, then top-p on the softmax of what is left, then min-p
 * </ol>
 *
 * <p>A policy may instead {@linkplain SamplerPolicy#tempersLast apply the temperature} to the ids that are kept, after
 * the last step.
 *
 * @param maxNewTokens maximum number of generated ids, but at least the minimum of the policy's published program; 0
 *     gives an empty completion
 * @param minNewTokens minimum number of generated ids, at most {@code maxNewTokens}; fewer if the context ends first
 * @param temperature above 0; ignored by greedy policies
 * @param topK 0 keeps all
 * @param topP in (0, 1], below 1 for a policy that tempers last; 1 keeps all: keeps the most likely ids up to the one
 *     with which their total probability exceeds it
 * @param minP in [0, 1], 0 keeps all: keeps the ids whose probability is at least this share of that of the most likely
 *     id
 * @param repetitionPenalty above 0, 1 is off
 * @param presencePenalty in [-2, 2], 0 is off
 * @param frequencyPenalty in [-2, 2], 0 is off
 * @param adaptiveTemperature scale the temperature by the entropy of the logits
 * @param bannedIds ids that are never produced; the model's own EOS and assistant stop cannot be banned, nor can {@code
 *     stopIds}
 * @param stopIds ids that end the completion, which includes them
 * @param stopStrings strings that end the completion as soon as its text contains one; the text is cut before it
 */
@SuppressWarnings("ArrayRecordComponent") // copied in and out, compared by content
public record SamplingParams(
        SamplerPolicy policy,
        int maxNewTokens,
        int minNewTokens,
        float temperature,
        int topK,
        float topP,
        float minP,
        float repetitionPenalty,
        float presencePenalty,
        float frequencyPenalty,
        boolean adaptiveTemperature,
        int[] bannedIds,
        int[] stopIds,
        List<String> stopStrings)
        implements Serializable {
    private static final float MOST_PENALTY = 2; // OpenAI's limit

    public SamplingParams {
        Objects.requireNonNull(policy);
        require(maxNewTokens >= 0, "max-new-tokens", maxNewTokens, "at least 0");
        require(minNewTokens >= 0, "min-new-tokens", minNewTokens, "at least 0");
        require(
                minNewTokens <= maxNewTokens,
                "min-new-tokens",
                minNewTokens,
                "at most max-new-tokens, " + maxNewTokens);
        require(temperature > 0 && Float.isFinite(temperature), "temperature", temperature, "above 0");
        require(topK >= 0, "top-k", topK, "at least 0 (0 keeps all)");
        require(topP > 0 && topP <= 1, "top-p", topP, "above 0 and at most 1");
        require(topP < 1 || !policy.tempersLast(), "top-p", topP, "below 1 with --sampler " + policy.label());
        require(minP >= 0 && minP <= 1, "min-p", minP, "0 to 1 (0 keeps all)");
        require(
                repetitionPenalty > 0 && Float.isFinite(repetitionPenalty),
                "repetition-penalty",
                repetitionPenalty,
                "above 0");
        require(Math.abs(presencePenalty) <= MOST_PENALTY, "presence-penalty", presencePenalty, "-2 to 2");
        require(Math.abs(frequencyPenalty) <= MOST_PENALTY, "frequency-penalty", frequencyPenalty, "-2 to 2");
        bannedIds = bannedIds.clone();
        stopIds = stopIds.clone();
        stopStrings = List.copyOf(stopStrings);
        for (int id : stopIds) {
            require(Arrays.stream(bannedIds).noneMatch(banned -> banned == id), "stop-ids", id, "no banned id");
        }
        for (String stop : stopStrings) {
            require(!stop.isEmpty(), "stop", "empty", "at least one character");
            boolean isText =
                    stop.codePoints().noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
            require(isText, "stop", "text with half of a surrogate pair", "Unicode text");
        }
    }

    /** The upstream defaults of a policy; options that upstream does not have are off. */
    public static SamplingParams defaults(SamplerPolicy policy) {
        return new SamplingParams(
                policy,
                64,
                0,
                policy.baseTemperature(),
                policy.topK(),
                policy.topP(),
                0,
                1,
                0,
                0,
                true,
                new int[0],
                new int[0],
                List.of());
    }

    /** A builder with these values. */
    public Builder change() {
        return new Builder(this);
    }

    @Override
    public int[] bannedIds() {
        return bannedIds.clone();
    }

    @Override
    public int[] stopIds() {
        return stopIds.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SamplingParams that
                && policy == that.policy
                && maxNewTokens == that.maxNewTokens
                && minNewTokens == that.minNewTokens
                && Float.compare(temperature, that.temperature) == 0
                && topK == that.topK
                && Float.compare(topP, that.topP) == 0
                && Float.compare(minP, that.minP) == 0
                && Float.compare(repetitionPenalty, that.repetitionPenalty) == 0
                && Float.compare(presencePenalty, that.presencePenalty) == 0
                && Float.compare(frequencyPenalty, that.frequencyPenalty) == 0
                && adaptiveTemperature == that.adaptiveTemperature
                && Arrays.equals(bannedIds, that.bannedIds)
                && Arrays.equals(stopIds, that.stopIds)
                && stopStrings.equals(that.stopStrings);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bannedIds) * 31 + Float.hashCode(temperature) * 17 + topK;
    }

    private static void require(boolean holds, String option, Object value, String limit) {
        if (!holds) {
            throw new IllegalArgumentException("--" + option + " is " + value + "; it must be " + limit);
        }
    }

    /** Builder; nothing is checked before {@link #build}. Not thread-safe. */
    public static final class Builder {
        private SamplerPolicy policy;
        private int maxNewTokens;
        private int minNewTokens;
        private float temperature;
        private int topK;
        private float topP;
        private float minP;
        private float repetitionPenalty;
        private float presencePenalty;
        private float frequencyPenalty;
        private boolean adaptiveTemperature;
        private int[] bannedIds;
        private int[] stopIds;
        private List<String> stopStrings;

        private Builder(SamplingParams from) {
            policy = from.policy;
            maxNewTokens = from.maxNewTokens;
            minNewTokens = from.minNewTokens;
            temperature = from.temperature;
            topK = from.topK;
            topP = from.topP;
            minP = from.minP;
            repetitionPenalty = from.repetitionPenalty;
            presencePenalty = from.presencePenalty;
            frequencyPenalty = from.frequencyPenalty;
            adaptiveTemperature = from.adaptiveTemperature;
            bannedIds = from.bannedIds;
            stopIds = from.stopIds;
            stopStrings = from.stopStrings;
        }

        public Builder policy(SamplerPolicy value) {
            policy = value;
            return this;
        }

        public Builder maxNewTokens(int value) {
            maxNewTokens = value;
            return this;
        }

        public Builder minNewTokens(int value) {
            minNewTokens = value;
            return this;
        }

        public Builder temperature(float value) {
            temperature = value;
            return this;
        }

        public Builder topK(int value) {
            topK = value;
            return this;
        }

        public Builder topP(float value) {
            topP = value;
            return this;
        }

        public Builder minP(float value) {
            minP = value;
            return this;
        }

        public Builder repetitionPenalty(float value) {
            repetitionPenalty = value;
            return this;
        }

        public Builder presencePenalty(float value) {
            presencePenalty = value;
            return this;
        }

        public Builder frequencyPenalty(float value) {
            frequencyPenalty = value;
            return this;
        }

        public Builder adaptiveTemperature(boolean value) {
            adaptiveTemperature = value;
            return this;
        }

        public Builder bannedIds(int... values) {
            bannedIds = values;
            return this;
        }

        public Builder stopIds(int... values) {
            stopIds = values;
            return this;
        }

        public Builder stopStrings(List<String> values) {
            stopStrings = values;
            return this;
        }

        /** @throws IllegalArgumentException if a value is out of its range */
        public SamplingParams build() {
            return new SamplingParams(
                    policy,
                    maxNewTokens,
                    minNewTokens,
                    temperature,
                    topK,
                    topP,
                    minP,
                    repetitionPenalty,
                    presencePenalty,
                    frequencyPenalty,
                    adaptiveTemperature,
                    bannedIds,
                    stopIds,
                    stopStrings);
        }
    }
}
