package io.spikelet.engine.bench;

import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.model.ModelConfig;
import java.util.Arrays;
import java.util.List;

/** Spikes counted over many positions of many sequences. Not thread-safe. */
final class SpikeTally {
    private final ModelConfig config;
    private final long[] ffn; // (layer)
    private final long[] block; // (layer)
    private long encoder;
    private long positions;

    SpikeTally(ModelConfig config) {
        this.config = config;
        this.ffn = new long[config.layers()];
        this.block = new long[config.layers()];
    }

    /** Adds what a sequence fired since it was a copy of {@code from}. */
    void add(DecoderState from, DecoderState to) {
        positions += to.position() - from.position();
        encoder += to.encoderSpikes() - from.encoderSpikes();
        for (int layer = 0; layer < ffn.length; layer++) {
            ffn[layer] += to.ffnSpikes(layer) - from.ffnSpikes(layer);
            block[layer] += to.blockSpikes(layer) - from.blockSpikes(layer);
        }
    }

    /** Adds what a sequence fired since its start. */
    void add(DecoderState state) {
        positions += state.position();
        encoder += state.encoderSpikes();
        for (int layer = 0; layer < ffn.length; layer++) {
            ffn[layer] += state.ffnSpikes(layer);
            block[layer] += state.blockSpikes(layer);
        }
    }

    void add(SpikeTally other) {
        positions += other.positions;
        encoder += other.encoder;
        for (int layer = 0; layer < ffn.length; layer++) {
            ffn[layer] += other.ffn[layer];
            block[layer] += other.block[layer];
        }
    }

    FiringRates rates() {
        List<Double> ffnByLayer = shares(ffn, config.intermediateDim());
        List<Double> blockByLayer = shares(block, config.embedDim());
        return new FiringRates(
                share(encoder, config.embedDim()), mean(ffnByLayer), mean(blockByLayer), ffnByLayer, blockByLayer);
    }

    private List<Double> shares(long[] spikes, int units) {
        return Arrays.stream(spikes).mapToObj(count -> share(count, units)).toList();
    }

    private double share(long spikes, int units) {
        return positions == 0 ? 0 : (double) spikes / positions / units;
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElse(0);
    }
}
