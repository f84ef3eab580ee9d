package io.spikelet.engine.model;

import java.io.Serializable;

/**
 * How a published program chooses the next token from the logits: its differences from the common steps. An enum
 * constant of a family, or of {@link CommonSampler}.
 */
public interface SamplerPolicy extends Serializable {
    /** The name on the command line and in the tables. */
    String label();

    /** Whether the largest logit is taken, the lowest id on ties. */
    default boolean isGreedy() {
        return false;
    }

    /** The nucleus that is kept unless the user says otherwise; 1 keeps all. */
    default float topP() {
        return 1;
    }

    /** The ids that are kept unless the user says otherwise; 0 keeps all. */
    default int topK() {
        return 50;
    }

    /** The temperature unless the user says otherwise. */
    default float baseTemperature() {
        return 0.8f;
    }

    /**
     * Whether the temperature is that of the ids that are kept, which are chosen without it; then the nucleus, which must be
     * below 1, also keeps what is as probable in float32 as its last id.
     */
    default boolean tempersLast() {
        return false;
    }

    /** Whether BOS stands before a prompt; without it an empty prompt is BOS alone. */
    default boolean prefixesPrompts() {
        return true;
    }

    /** An id that is never drawn, whatever ends a completion; -1 for none. */
    default int neverDrawn() {
        return -1;
    }

    /** Whether ids that tie with the last of the top k are kept too. */
    default boolean keepsTies() {
        return false;
    }

    /** Minimum number of generated ids, regardless of the request. */
    default int leastNewTokens() {
        return 0;
    }

    /** Whether {@link #temperature} depends on the entropy. */
    default boolean isAdaptive() {
        return false;
    }

    /**
     * The temperature for logits of an entropy.
     *
     * @param base that the user chose
     * @param entropy of the softmax, in nats
     * @param vocabulary ids that can be produced
     * @param modelVocabulary logits of the model
     */
    default double temperature(double base, double entropy, int vocabulary, int modelVocabulary) {
        return base;
    }
}
