package io.spikelet.engine.family.spikegpt;

import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.model.ForwardPass;
import io.spikelet.engine.model.PassColumns;

/**
 * The forward pass of SpikeGPT (arXiv 2302.13939), for every column. Products of vectors are elementwise; a prime marks
 * the value of the previous position:
 *
 * <pre>
 * input       b = [E[token] &gt;= 0], or E[token];  x = LN0(b)                  {@link Embedding}
 *
 * each block  a = LN1(x);  xk = a mk + a' (1 - mk), and so xv and xr        {@link Block}, {@link TokenShift}
 *             k, v, r = Wk xk, Wv xv, sigma(Wr xr)
 *             wkv = sum over i &lt; t of exp((t-1-i) w + k_i) v_i + exp(u + k) v, over the same of 1
 *             x = x + LIF1(Wo (r wkv))                                      {@link NeuronBank}
 *             c = LN2(x);  ck, cr as above
 *             g = max(0, Wk ck)^2
 *             x = x + LIF2(sigma(Wr cr) (Wv g))
 *
 * head        logits = Whead LN_out(x)
 * </pre>
 */
final class SpikeGptPass implements ForwardPass {
    private final SpikeGptModel model;
    private final int vocabulary;
    private final Kernels kernels;
    private final PassBuffers buffers;

    SpikeGptPass(SpikeGptModel model, int maxColumns, int vocabulary, Kernels kernels) {
        this.model = model;
        this.vocabulary = vocabulary;
        this.kernels = kernels;
        this.buffers = new PassBuffers(model.config(), maxColumns);
    }

    @Override
    public void run(PassColumns columns, float[] logits) {
        buffers.begin(columns);
        model.embedding().forward(kernels, buffers, columns);
        for (Block block : model.blocks()) {
            block.forward(kernels, buffers);
        }
        if (columns.wantedCount() > 0) {
            int width = model.config().width();
            model.norm().forward(kernels, buffers, buffers.stream, columns.count(), buffers.normed);
            buffers.packed.pack(buffers.normed, columns.wanted(), columns.wantedCount(), width, width);
            kernels.multiply(model.head(), buffers.packed, vocabulary, logits, vocabulary);
        }
        buffers.end();
    }
}
