package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.tensor.Matrix;
import java.util.Arrays;
import java.util.Optional;

/**
 * One block: the decay path and the attention, merged by a learned gate, then the spiking feed-forward. Both halves
 * normalise after the residual sum. The spikes that upstream computes between the halves are never used, so they are
 * not computed here. Source: section 3 of the specification; the names of the equations are those of {@link
 * SymbolicLightPass}.
 *
 * <p>Immutable and thread-safe; columns, states and scratch belong to the caller's thread.
 */
final class Block {
    private final TcamDecay memory;
    private final Optional<SlidingWindowAttention> attention;
    private final float gate;
    private final Matrix output;
    private final LayerNorm norm;
    private final SpikingFeedForward feedForward;
    private final boolean remembers;
    private final boolean attends;

    /**
     * @param rawGate gate before the sigmoid; ignored without attention
     * @param output {@code [width, width]}, panels
     */
    Block(
            TcamDecay memory,
            Optional<SlidingWindowAttention> attention,
            float rawGate,
            Matrix output,
            LayerNorm norm,
            SpikingFeedForward feedForward) {
        this(memory, attention, Gates.sigmoid(rawGate), output, norm, feedForward, true, true);
    }

    private Block(
            TcamDecay memory,
            Optional<SlidingWindowAttention> attention,
            float gate,
            Matrix output,
            LayerNorm norm,
            SpikingFeedForward feedForward,
            boolean remembers,
            boolean attends) {
        this.memory = memory;
        this.attention = attention;
        this.gate = gate;
        this.output = output;
        this.norm = norm;
        this.feedForward = feedForward;
        this.remembers = remembers;
        this.attends = attends;
    }

    /** This block with the decay path, the attention or both replaced by zero (an ablation); the gate is unchanged. */
    Block silenced(boolean decay, boolean attending) {
        return new Block(memory, attention, gate, output, norm, feedForward, !decay, !attending);
    }

    /**
     * Advances every column by this block: x is {@code columns.residual}, s {@code columns.spikes}.
     *
     * @param states {@code states[c]} is this block's state of column c's sequence
     */
    void forward(Kernels kernels, PassBuffers columns, BlockState[] states, SlidingWindowAttention.Scratch scratch) {
        // 3.2: h = d * h + (1 - d) * (W_tcam s)
        if (remembers) {
            memory.forward(kernels, columns, states);
        } else {
            Arrays.fill(columns.decayed, 0, columns.count * columns.width, 0f);
        }
        // 3.3: a = attention of the active positions over x;  3.4: m = g * a + (1 - g) * h, or h alone without
        // attention
        float[] merged = columns.decayed;
        if (attention.isPresent()) {
            if (attends) {
                columns.findActive();
                attention.get().forward(kernels, columns, states, scratch);
            } else {
                columns.activeCount = 0; // no position attends to anything
            }
            merge(kernels, columns);
            merged = columns.mixed;
        }
        // 3.4: y = LN(x + W_out m)
        int width = columns.width;
        columns.packed.pack(merged, null, columns.count, width, width);
        kernels.multiply(output, columns.packed, width, columns.projected, width);
        for (int c = 0; c < columns.count; c++) {
            int at = c * width;
            kernels.layerNorm(
                    columns.residual, at, columns.projected, at, norm.weight(), norm.bias(), columns.residual, at);
        }
        // 3.5: u = [W_up y >= theta];  x = LN(y + W_down u);  s = [x >= theta]
        feedForward.forward(kernels, columns, states);
    }

    /** {@code m = g * a + (1 - g) * h}, where a is 0 at a position without spikes. Source: sections 3.3 and 3.4. */
    private void merge(Kernels kernels, PassBuffers columns) {
        int width = columns.width;
        int next = 0;
        for (int c = 0; c < columns.count; c++) {
            int at = c * width;
            if (next < columns.activeCount && columns.active[next] == c) {
                kernels.mix(gate, columns.query, next * width, columns.decayed, at, width, columns.mixed, at);
                next++;
            } else { // no spikes: the attention is zero
                System.arraycopy(columns.decayed, at, columns.mixed, at, width);
                kernels.scale(columns.mixed, at, width, 1f - gate);
            }
        }
    }
}
