package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.kernel.BinaryKernels;
import io.spikelet.engine.kernel.Kernels;

/**
 * One block, for all time steps of all columns of a pass: each weight is read once and added for every step with a
 * spike. Source: section 4 of the specification, with its names. The stream x is {@code pass.stream}.
 */
record Block(
        int layer,
        BispikclmConfig config,
        Neurons neurons,
        Linear wq,
        Linear wk,
        Linear wv,
        BinaryAttention attention,
        Linear wo,
        Linear w1,
        Linear w2) {

    void forward(Kernels kernels, PassBuffers pass, SequenceBits[] sequences) {
        attend(kernels, pass, sequences);
        feedForward(kernels, pass, sequences);
    }

    /** The attention half, from x to r. */
    void attend(Kernels kernels, PassBuffers pass, SequenceBits[] sequences) {
        BinaryKernels binary = kernels.binary();
        int columns = pass.columns();
        int rows = pass.rows();
        int width = config.width();

        // a = LayerNorm_attention(x);  q, k, v = SN_q(Wq a), SN_k(Wk a), SN_v(Wv a)
        pass.streamInput.take(
                kernels, pass.stream, rows, config.attentionInput(layer), config.layerNorm(), config.epsilon());
        wq.charge(kernels, pass.streamInput, rows, pass.charges);
        neurons.fire(binary, pass.charges, columns, width, pass.query);
        wk.charge(kernels, pass.streamInput, rows, pass.charges);
        neurons.fire(binary, pass.charges, columns, width, pass.key);
        wv.charge(kernels, pass.streamInput, rows, pass.charges);
        neurons.fire(binary, pass.charges, columns, width, pass.value);
        Tally.linear(Product.QKV, pass, pass.streamInput, 3 * width, sequences);
        Tally.spikes(binary, layer, Bank.QUERY, pass, pass.query, pass.words, sequences);
        Tally.spikes(binary, layer, Bank.KEY, pass, pass.key, pass.words, sequences);
        Tally.spikes(binary, layer, Bank.VALUE, pass, pass.value, pass.words, sequences);

        // S = q · k;  A = SN_attn(S);  O = A · v, or SN_context(A · v)
        attention.forward(kernels, pass, sequences);

        // c = SN_c(Wo O);  r = x + c, or SN_residual(x + c)
        wo.charge(kernels, pass.contextInput, rows, pass.charges);
        Tally.linear(Product.OUT, pass, pass.contextInput, width, sequences);
        addSpikes(binary, Bank.ATTENTION_OUTPUT, pass, sequences);
        if (config.residualSpike()) {
            becomeSpikes(binary, Bank.RESIDUAL, pass, sequences);
        }
    }

    /** The feed-forward half, from r to the block's output. */
    void feedForward(Kernels kernels, PassBuffers pass, SequenceBits[] sequences) {
        BinaryKernels binary = kernels.binary();
        int columns = pass.columns();
        int rows = pass.rows();
        int width = config.width();

        // m = LayerNorm_mlp(r);  u = SN_u(W1 m)
        pass.streamInput.take(kernels, pass.stream, rows, config.mlpInput(layer), config.layerNorm(), config.epsilon());
        w1.charge(kernels, pass.streamInput, rows, pass.charges);
        neurons.fire(binary, pass.charges, columns, config.hidden(), pass.hidden);
        Tally.linear(Product.FC1, pass, pass.streamInput, config.hidden(), sequences);
        Tally.spikes(binary, layer, Bank.HIDDEN, pass, pass.hidden, pass.hiddenWords, sequences);

        // d = W2 u, or SN_d(W2 u);  x = r + d, or SN_h(r + d)
        pass.hiddenInput.take(kernels, pass.hidden, pass.hiddenWords, rows);
        w2.charge(kernels, pass.hiddenInput, rows, pass.charges);
        Tally.linear(Product.FC2, pass, pass.hiddenInput, width, sequences);
        if (config.mlpOutputSpike()) {
            addSpikes(binary, Bank.MLP_OUTPUT, pass, sequences);
        } else {
            binary.add(pass.charges, 0, rows * width, pass.stream, 0);
        }
        if (config.blockOutputSpike()) {
            becomeSpikes(binary, Bank.BLOCK_OUTPUT, pass, sequences);
        }
    }

    /** {@code x = x + SN(charges)}. */
    private void addSpikes(BinaryKernels binary, Bank population, PassBuffers pass, SequenceBits[] sequences) {
        int width = config.width();
        neurons.fire(binary, pass.charges, pass.columns(), width, pass.spikes);
        for (int row = 0; row < pass.rows(); row++) {
            binary.addBits(pass.spikes, row * pass.words, width, pass.stream, row * width);
        }
        Tally.spikes(binary, layer, population, pass, pass.spikes, pass.words, sequences);
    }

    /** {@code x = SN(x)}. */
    private void becomeSpikes(BinaryKernels binary, Bank population, PassBuffers pass, SequenceBits[] sequences) {
        int width = config.width();
        neurons.fire(binary, pass.stream, pass.columns(), width, pass.spikes);
        for (int row = 0; row < pass.rows(); row++) {
            binary.spread(pass.spikes, row * pass.words, width, pass.stream, row * width);
        }
        Tally.spikes(binary, layer, population, pass, pass.spikes, pass.words, sequences);
    }
}
