package io.spikelet.engine.model;

/** A pass that may stop before its last block if its prediction is certain enough. Not thread-safe; one per decoder. */
public interface EarlyExitPass extends ForwardPass {
    /**
     * Runs until the entropy of the last column's softmax is below a threshold, in nats. The sequences of the pass cannot be
     * continued afterwards.
     *
     * @param logits {@code [wanted][vocabulary]}, of the block after which it stopped
     * @return that block, 0-based; the last block if no entropy was below the threshold
     */
    int runUntilConfident(PassColumns columns, double entropy, float[] logits);
}
