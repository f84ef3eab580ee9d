package io.spikelet.engine.model;

/**
 * The forward pass over columns. The bits of a position's logits depend only on its sequence, never on the other
 * columns of the pass or on how the sequence was split into passes.
 *
 * <p>Not thread-safe; one per decoder.
 */
@FunctionalInterface
public interface ForwardPass {
    /**
     * Advances every sequence of the pass by its columns, and writes the logits of the wanted ones.
     *
     * @param logits {@code [wanted][vocabulary]}
     */
    void run(PassColumns columns, float[] logits);
}
