package io.spikelet.engine.decode;

import io.spikelet.engine.model.SpikingModel;

/** A model has computed no probabilities: its logits are NaN or infinite. */
public final class NonFiniteLogitsException extends ArithmeticException {
    private static final long serialVersionUID = 1L;

    NonFiniteLogitsException(float largest, int count) {
        super("the largest of " + count + " logits is " + largest
                + "; it must be finite, and the model's files are as they"
                + " were converted: its weights are not fit for this text");
    }

    /**
     * Called before a failure is assigned to a row, because it may come from a damaged model.
     *
     * @throws io.spikelet.engine.model.DamagedModelError if logits were not finite and the files are not as converted
     */
    public static void blameModel(RuntimeException failure, SpikingModel model) {
        if (failure instanceof NonFiniteLogitsException) {
            model.requireIntact();
        }
    }
}
