package io.spikelet.engine.model;

import java.io.Serializable;

/**
 * How a published program chooses the next token from the logits: its differences from the common steps. Implemented by
 * enum constants of a family and of {@link CommonSampler}.
 */
public interface SamplerPolicy extends Serializable {
    /** The name on the command line and in the tables. */
    String label();

    /** Whether the id with the largest logit is chosen, the lowest such id on ties. */
    default boolean isGreedy() {
        return false;
    }

    /** The default of top-p; 1 keeps all ids. */
    default float topP() {
        return 1;
    }

    /** The default of top-k; 0 keeps all ids. */
    default int topK() {
        return 50;
    }

    /** The default temperature. */
    default float baseTemperature() {
        return 0.8f;
    }

    /**
     * Whether the ids to keep are chosen before the temperature is applied to them. The nucleus, which must then be
     * below 1, also keeps ids that are as probable, in float32, as its last id.
     */
    default boolean tempersLast() {
        return false;
    }

    /** Whether BOS is put before a prompt; if not, an empty prompt becomes BOS alone. */
    default boolean prefixesPrompts() {
        return true;
    }

    /** An id that is never drawn, regardless of what ends a completion; -1 for none. */
    default int neverDrawn() {
        return -1;
    }

    /**
     * Whether the samples of a prompt are consecutive trials in the order of their indices: each begins with the state
     * that {@link SequenceState#copyForTrial} derives from the one before. Only models of the policy's own family have
     * trials.
     */
    default boolean continuesTrials() {
        return false;
    }

    /**
     * The value of top-p after a line feed.
     *
     * @param chosen top-p elsewhere
     * @param modelVocabulary number of logits of the model
     */
    default float topPAfterLineFeed(float chosen, int modelVocabulary) {
        return chosen;
    }

    /** Whether ids that tie with the last of the top k are kept too. */
    default boolean keepsTies() {
        return false;
    }

    /** Minimum number of ids to generate, regardless of the request. */
    default int leastNewTokens() {
        return 0;
    }

    /** Whether {@link #temperature} depends on the entropy. */
    default boolean isAdaptive() {
        return false;
    }

    /**
     * The temperature for logits with a given entropy.
     *
     * @param base the temperature that the user chose
     * @param entropy of the softmax, in nats
     * @param vocabulary number of ids that can be produced
     * @param modelVocabulary number of logits of the model
     */
    default double temperature(double base, double entropy, int vocabulary, int modelVocabulary) {
        return base;
    }
}
