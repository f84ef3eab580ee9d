package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.kernel.BinaryKernels;

/**
 * Counts the spikes and operations of a pass, each column for its own sequence. Source: section 11 of the
 * specification.
 */
final class Tally {
    private Tally() {}

    /** Counts a bank's spikes {@code (row, rowWords)}. */
    static void spikes(
            BinaryKernels binary,
            int layer,
            Bank population,
            PassBuffers pass,
            long[] bits,
            int rowWords,
            SequenceBits[] sequences) {
        int columnWords = pass.steps * rowWords;
        for (int column = 0; column < pass.columns(); column++) {
            long count = binary.count(bits, column * columnWords, columnWords);
            sequences[column].activity.spikes(layer, population, count);
        }
    }

    /**
     * Counts a linear layer: for each output, an integer input counts as many accumulates as its value, an analogue
     * input one multiply-accumulate.
     */
    static void linear(Product product, PassBuffers pass, LinearInput input, long outputs, SequenceBits[] sequences) {
        for (int column = 0; column < pass.columns(); column++) {
            Activity activity = sequences[column].activity;
            if (input.kind() == StreamKind.FLOAT) {
                activity.multiplies(product, pass.steps * input.width() * outputs);
                continue;
            }
            long sum = 0;
            for (int t = 0; t < pass.steps; t++) {
                sum += input.sums[column * pass.steps + t];
            }
            activity.accumulates(product, sum * outputs);
        }
    }
}
