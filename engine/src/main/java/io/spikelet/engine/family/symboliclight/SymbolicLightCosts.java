package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.model.CostModel;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.TensorEntry;
import io.spikelet.engine.model.TokenCost;
import io.spikelet.engine.telemetry.SpikeStatistics;
import io.spikelet.engine.tensor.Layout;

/**
 * Counts the bytes and the multiply-adds of a token from the shapes of a model and its measured firing rates.
 *
 * <p>Counted: the panels of q, k, v, out and up; the head's rows below the vocabulary in use, and its prior; for the
 * matrices with spike inputs (decay projection and down), one vector per unit that fires, and an addition for each of
 * its elements; keys and values of the visible positions, as if every position had spikes. Not counted, and below half
 * a percent of the total: scales, norms, the embedding row, activations.
 */
final class SymbolicLightCosts implements CostModel {
    private final SymbolicLightConfig config;
    private long bodyBytes;
    private long bodyMultiplyAdds;
    private long headBytes;
    private long headMultiplyAdds;
    private long memoryVectorBytes; // of the decay projection, per active input
    private long downVectorBytes;

    /** @param vocabulary number of logits per token */
    SymbolicLightCosts(SymbolicLightConfig config, ModelManifest manifest, int vocabulary) {
        this.config = config;
        for (TensorEntry entry : manifest.tensors()) {
            switch (entry.layout()) {
                case PANEL, QUAD_PANEL -> addDense(entry, vocabulary);
                case INPUT_MAJOR -> addSpiking(entry);
                case ROW_MAJOR, VECTOR -> {} // one row, and vectors that stay in the cache
            }
        }
    }

    private void addDense(TensorEntry entry, int vocabulary) {
        boolean head = isHead(entry);
        int outputs = head ? Math.min(entry.outputs(), vocabulary) : entry.outputs();
        long bytes =
                entry.layout().elements(outputs, entry.inputs()) * entry.dtype().bytes();
        long multiplyAdds = (long) outputs * entry.inputs();
        if (head) {
            headBytes += bytes;
            headMultiplyAdds += multiplyAdds;
        } else {
            bodyBytes += bytes;
            bodyMultiplyAdds += multiplyAdds;
        }
    }

    private static boolean isHead(TensorEntry entry) {
        return entry.name().startsWith("output_head.");
    }

    private void addSpiking(TensorEntry entry) {
        long vector = (long) Layout.pad(entry.outputs()) * entry.dtype().bytes();
        if (entry.name().endsWith(".ffn.down.weight")) {
            downVectorBytes = vector; // the same in every layer
        } else {
            memoryVectorBytes = vector;
        }
    }

    @Override
    public TokenCost decode(int batch, int from, int positions, SpikeStatistics fired) {
        return cost(batch, meanKeys(from, positions), 1, selectedBytes(batch, fired), additions(fired));
    }

    @Override
    public TokenCost decodeDense(int from, int positions) {
        double all = config.layers()
                * (memoryVectorBytes * (double) config.embedDim()
                        + downVectorBytes * (double) config.intermediateDim());
        double additions =
                (double) config.layers() * config.embedDim() * (config.embedDim() + config.intermediateDim());
        return cost(1, meanKeys(from, positions), 1, all, additions);
    }

    @Override
    public TokenCost prompt(int tokens, int block, double logitsShare, SpikeStatistics fired) {
        int columns = Math.min(block, tokens);
        return cost(columns, meanKeys(0, tokens), logitsShare, selectedBytes(columns, fired), additions(fired));
    }

    private TokenCost cost(int columns, double keys, double logitsShare, double spikeBytes, double additions) {
        double visited = config.sparseAttention() ? keys * config.layers() : 0;
        double attended = visited * config.embedDim();
        return new TokenCost(
                (bodyBytes + logitsShare * headBytes) / columns,
                spikeBytes / columns,
                visited * config.keyValueBytes(),
                bodyMultiplyAdds + logitsShare * headMultiplyAdds,
                2 * attended,
                additions,
                0);
    }

    /** Additions per token: each unit that fires adds one weight vector of the stream's width. */
    private double additions(SpikeStatistics fired) {
        double[] ffn = fired.rates(SymbolicLightConfig.FFN);
        double[] block = fired.rates(SymbolicLightConfig.BLOCK);
        double entering = fired.rates(SymbolicLightConfig.ENCODER)[0];
        double vectors = 0;
        for (int layer = 0; layer < config.layers(); layer++) {
            vectors += entering * config.embedDim() + ffn[layer] * config.intermediateDim();
            entering = block[layer];
        }
        return vectors * config.embedDim();
    }

    /** Bytes of the weight vectors that at least one column needs, as if columns fired independently. */
    private double selectedBytes(int columns, SpikeStatistics fired) {
        double bytes = 0;
        double[] ffn = fired.rates(SymbolicLightConfig.FFN);
        double[] block = fired.rates(SymbolicLightConfig.BLOCK);
        double entering = fired.rates(SymbolicLightConfig.ENCODER)[0];
        for (int layer = 0; layer < config.layers(); layer++) {
            bytes += union(entering, columns) * config.embedDim() * memoryVectorBytes;
            bytes += union(ffn[layer], columns) * config.intermediateDim() * downVectorBytes;
            entering = block[layer];
        }
        return bytes;
    }

    private static double union(double rate, int columns) {
        return columns == 1 ? rate : 1 - Math.pow(1 - rate, columns);
    }

    /** Mean number of keys that a query sees, its own included, over {@code count} positions. */
    private double meanKeys(int from, int count) {
        long keys = 0;
        for (int position = from; position < from + count; position++) {
            keys += config.visibility().keys(position);
        }
        return (double) keys / count;
    }
}
