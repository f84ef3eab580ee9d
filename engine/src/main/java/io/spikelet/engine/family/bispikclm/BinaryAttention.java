package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.kernel.BinaryKernels;
import io.spikelet.engine.kernel.HeadBits;
import io.spikelet.engine.kernel.Kernels;
import java.util.Arrays;

/**
 * Attention between bits, without a softmax: a query fires at the keys with which it shares enough active channels, and
 * sums the values of these keys. Future keys are never visible. Source: section 4 of the specification, and section 6
 * for neurons without memory.
 */
record BinaryAttention(int layer, BispikclmConfig config, Neurons neurons, HeadBits heads) {

    /** From {@code pass.query}, {@code key} and {@code value} to {@code pass.contextInput}. */
    void forward(Kernels kernels, PassBuffers pass, SequenceBits[] sequences) {
        BinaryKernels binary = kernels.binary();
        int rowWords = pass.steps * pass.words;
        for (int column = 0; column < pass.columns(); column++) {
            sequences[column].layers[layer].put(pass.position(column), pass.key, pass.value, column * rowWords);
        }
        boolean onlyWhether = config.contextSpike() && config.integerNeuronsForget();
        if (onlyWhether) {
            Arrays.fill(pass.context, 0, pass.rows() * pass.words, 0);
        } else {
            Arrays.fill(pass.contextSums, 0, pass.rows() * config.width(), 0f);
        }
        for (int column = 0; column < pass.columns(); column++) {
            KeyValueBits cache = sequences[column].layers[layer];
            Activity activity = sequences[column].activity;
            int visible = pass.position(column) + 1;
            fireScores(binary, pass, column, cache, visible);
            tally(binary, pass, column, visible, activity);
            addValues(binary, pass, column, cache, visible, onlyWhether);
        }
        take(kernels, pass, onlyWhether, sequences);
    }

    /**
     * {@code S[h][j]}: channels in which q[h] and k_j[h] are both 1; {@code A[h][j] = SN_attn(S[h][j])}, to {@code pass.fired}.
     */
    void fireScores(BinaryKernels binary, PassBuffers pass, int column, KeyValueBits cache, int visible) {
        int stepWords = heads.heads() * pass.keyWords;
        if (config.integerNeuronsForget()) { // A = (q AND k) != 0
            for (int t = 0; t < pass.steps; t++) {
                int row = column * pass.steps + t;
                binary.overlap(
                        pass.query,
                        row * pass.words,
                        heads,
                        cache.keys,
                        cache.offset(t),
                        cache.stride(),
                        visible,
                        pass.fired,
                        t * stepWords,
                        pass.keyWords);
            }
            return;
        }
        int stride = config.maxPositions();
        for (int head = 0; head < heads.heads(); head++) {
            for (int t = 0; t < pass.steps; t++) {
                int row = column * pass.steps + t;
                binary.overlaps(
                        pass.query,
                        row * pass.words,
                        heads,
                        head,
                        cache.keys,
                        cache.offset(t),
                        cache.stride(),
                        visible,
                        pass.scores,
                        t * stride);
            }
            neurons.fire(binary, pass.scores, 0, stride, visible, pass.fired, head * pass.keyWords, stepWords);
        }
    }

    /**
     * {@code O[h]}: sum over j of {@code A[h][j] * v_j[h]}; the OR of these v_j where only the presence of a spike
     * matters.
     */
    private void addValues(
            BinaryKernels binary, PassBuffers pass, int column, KeyValueBits cache, int visible, boolean onlyWhether) {
        for (int t = 0; t < pass.steps; t++) {
            int row = column * pass.steps + t;
            for (int head = 0; head < heads.heads(); head++) {
                int fired = (t * heads.heads() + head) * pass.keyWords;
                int at = cache.offset(t);
                int stride = cache.stride();
                if (onlyWhether) {
                    binary.any(
                            pass.fired,
                            fired,
                            visible,
                            heads,
                            head,
                            cache.values,
                            at,
                            stride,
                            pass.context,
                            row * pass.words);
                } else {
                    binary.total(
                            pass.fired,
                            fired,
                            visible,
                            heads,
                            head,
                            cache.values,
                            at,
                            stride,
                            pass.contextSums,
                            row * config.width());
                }
            }
        }
    }

    /** {@code O = SN_context(O)} if the model has that neuron; otherwise the projection reads the integers of O. */
    private void take(Kernels kernels, PassBuffers pass, boolean onlyWhether, SequenceBits[] sequences) {
        if (!config.contextSpike()) {
            pass.contextInput.take(kernels, pass.contextSums, pass.rows(), StreamKind.INTEGER, false, 0);
            return;
        }
        if (!onlyWhether) {
            neurons.fire(kernels.binary(), pass.contextSums, pass.columns(), config.width(), pass.context);
        }
        pass.contextInput.take(kernels, pass.context, pass.words, pass.rows());
        Tally.spikes(kernels.binary(), layer, Bank.CONTEXT, pass, pass.context, pass.words, sequences);
    }

    private void tally(BinaryKernels binary, PassBuffers pass, int column, int visible, Activity activity) {
        int words = HeadBits.words(visible);
        long fired = 0;
        for (int bank = 0; bank < pass.steps * heads.heads(); bank++) {
            fired += binary.count(pass.fired, bank * pass.keyWords, words);
        }
        int rowWords = pass.steps * pass.words;
        activity.spikes(layer, Bank.SCORE, fired);
        activity.accumulates(Product.CONTEXT, fired * heads.headDim());
        activity.accumulates(Product.SCORES, visible * binary.count(pass.query, column * rowWords, rowWords));
    }
}
