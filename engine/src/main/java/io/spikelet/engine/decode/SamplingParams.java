package io.spikelet.engine.decode;

import java.util.Arrays;

/**
 * Everything that determines how a row is sampled. Immutable.
 *
 * @param maxNewTokens upper bound of generated ids; 0 gives an empty completion under the 0.8B policy
 * @param temperature above 0; ignored by {@link SamplerPolicy#GREEDY}
 * @param topK 0 keeps all
 * @param topP in (0, 1]; 0.8B policy only
 * @param repetitionPenalty above 0, 1 is off; 0.8B policy only
 * @param adaptiveTemperature scale the temperature by the entropy of the logits
 * @param bannedIds never produced; 0.8B policy and greedy only
 */
@SuppressWarnings("ArrayRecordComponent") // copied in and out, compared by content
public record SamplingParams(
        SamplerPolicy policy,
        int maxNewTokens,
        float temperature,
        int topK,
        float topP,
        float repetitionPenalty,
        boolean adaptiveTemperature,
        int[] bannedIds) {
    public SamplingParams {
        require(maxNewTokens >= 0, "max-new-tokens", maxNewTokens, "at least 0");
        require(temperature > 0 && Float.isFinite(temperature), "temperature", temperature, "above 0");
        require(topK >= 0, "top-k", topK, "at least 0 (0 keeps all)");
        require(topP > 0 && topP <= 1, "top-p", topP, "above 0 and at most 1");
        require(
                repetitionPenalty > 0 && Float.isFinite(repetitionPenalty),
                "repetition-penalty",
                repetitionPenalty,
                "above 0");
        bannedIds = bannedIds.clone();
    }

    /** The upstream defaults of a policy. */
    public static SamplingParams defaults(SamplerPolicy policy) {
        return new SamplingParams(
                policy, 64, 0.8f, 50, policy == SamplerPolicy.V0_8B ? 0.9f : 1f, 1f, true, new int[0]);
    }

    @Override
    public int[] bannedIds() {
        return bannedIds.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SamplingParams that
                && policy == that.policy
                && maxNewTokens == that.maxNewTokens
                && Float.compare(temperature, that.temperature) == 0
                && topK == that.topK
                && Float.compare(topP, that.topP) == 0
                && Float.compare(repetitionPenalty, that.repetitionPenalty) == 0
                && adaptiveTemperature == that.adaptiveTemperature
                && Arrays.equals(bannedIds, that.bannedIds);
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
}
