package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.model.ForwardPass;
import io.spikelet.engine.model.PassColumns;
import java.util.Arrays;

/**
 * The forward pass of BiSpikCLM (arXiv 2605.13859), for every column and each of its T time steps. SN is a bank of
 * leaky integrate-and-fire neurons, whose spikes are 0 or 1:
 *
 * <pre>
 * input       e = (E[token] + P[n]) * scale;  x = e * t/T, or e             {@link InputCurrent}
 *             x = SN(x)                                                     input_spike
 *
 * each block  a = LN(x)                                                     {@link Block}, {@link LinearInput}
 *             q, k, v = SN(Wq a), SN(Wk a), SN(Wv a)
 *             S[j] = channels where q and k_j are 1, j &lt;= n, per head       {@link BinaryAttention}
 *             A[j] = SN(S[j]);  O = sum of A[j] v_j;  O = SN(O)             attention_context_spike
 *             c = SN(Wo O);  r = x + c;  r = SN(r)                          attention_residual_spike
 *             u = SN(W1 LN(r));  d = W2 u;  d = SN(d)                       mlp_output_spike
 *             x = r + d;  x = SN(x)                                         block_output_spike
 *
 * head        Z = sum of x over t;  logits = E LN(Z / T) * exp(s)           {@link OutputHead}
 * </pre>
 *
 * <p>Layers run one after the other, each for all steps. The result is the same as step by step, because membranes
 * belong to one layer, and steps are combined only in Z.
 */
final class BispikclmPass implements ForwardPass {
    private final BispikclmModel model;
    private final int vocabulary;
    private final Kernels kernels;
    private final PassBuffers buffers;
    private final OutputHead.Scratch head;
    private final SequenceBits[] sequences; // (column)

    BispikclmPass(BispikclmModel model, int maxColumns, int vocabulary, Kernels kernels) {
        this.model = model;
        this.vocabulary = vocabulary;
        this.kernels = kernels;
        this.buffers = new PassBuffers(model.config(), maxColumns);
        this.head = new OutputHead.Scratch(model.config(), maxColumns);
        this.sequences = new SequenceBits[maxColumns];
    }

    @Override
    public void run(PassColumns columns, float[] logits) {
        buffers.clear();
        for (int c = 0; c < columns.count(); c++) {
            sequences[c] = (SequenceBits) columns.state(c);
            sequences[c].advance();
            model.input().embed(kernels, buffers, buffers.add(columns.position(c)), columns.token(c));
        }
        model.input().forward(kernels, buffers, sequences);
        for (Block block : model.blocks()) {
            block.forward(kernels, buffers, sequences);
        }
        if (columns.wantedCount() > 0) {
            model.head().forward(kernels, buffers, columns.wanted(), columns.wantedCount(), vocabulary, logits, head);
        }
        Arrays.fill(sequences, null); // a finished pass must not keep states alive
    }
}
