package io.spikelet.engine.decode;

import io.spikelet.engine.model.SpikingModel;

/** The logits of a model are NaN or infinite, so there are no probabilities. */
public final class NonFiniteLogitsException extends ArithmeticException {
    private static final long serialVersionUID = 1L;

    NonFiniteLogitsException(float largest, int count) {
        super("the largest of " + count + " logits is " + largest
                + "; it must be finite, and the model's files are as they"
                + " were converted: its weights are not fit for this text");
    }

    /**
     * Checks the model files before a failure is assigned to a row, because a damaged model may be the cause.
     *
     * @throws io.spikelet.engine.model.DamagedModelError if logits were not finite and the files differ from the
     *     converted ones
     */
    public static void blameModel(RuntimeException failure, SpikingModel model) {
        if (failure instanceof NonFiniteLogitsException) {
            model.requireIntact();
        }
    }
}
