package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.telemetry.OperationCounts;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Operation counts of a sequence: one accumulate for each output of a weight vector that a spike adds, one
 * multiply-accumulate for each weight of the dense products. Queries, keys and values are computed only at active
 * positions; the head is counted once per position. Norms, gates, decay and lookups are not counted.
 */
final class SymbolicLightOperations {
    private SymbolicLightOperations() {}

    static OperationCounts of(SymbolicLightConfig config, SymbolicLightState state, long positions) {
        long width = config.embedDim();
        long units = config.intermediateDim();
        int layers = config.layers();
        long entering = state.encoderSpikes; // of the inputs of the blocks' decay projections
        long hidden = 0;
        long active = 0;
        long seen = 0;
        for (int layer = 0; layer < layers; layer++) {
            BlockState block = state.blocks[layer];
            hidden += block.hiddenSpikes();
            entering += layer + 1 < layers ? block.outputSpikes() : 0;
            active += block.activePositions();
            seen += block.keysSeen();
        }
        Map<String, Long> accumulates = new LinkedHashMap<>();
        accumulates.put("decay", width * entering);
        accumulates.put("down", width * hidden);
        Map<String, Long> multiplyAdds = new LinkedHashMap<>();
        if (config.sparseAttention()) {
            multiplyAdds.put("qkv", 3 * width * width * active);
            multiplyAdds.put("scores", width * seen);
            multiplyAdds.put("context", width * seen);
        }
        multiplyAdds.put("out", width * width * layers * positions);
        multiplyAdds.put("up", units * width * layers * positions);
        multiplyAdds.put("head", head(config) * positions);
        return new OperationCounts(accumulates, multiplyAdds, dense(config, positions));
    }

    private static long head(SymbolicLightConfig config) {
        long vocabulary = config.vocabSize();
        long prior = config.dynamicPrior() ? config.priorDim() * (config.embedDim() + vocabulary) : 0;
        return vocabulary * config.embedDim() + prior;
    }

    /**
     * Multiply-accumulates of a transformer of the same shape: four projections, two feed-forward matrices, full
     * attention, and the head.
     */
    private static long dense(SymbolicLightConfig config, long positions) {
        long width = config.embedDim();
        long perLayer = 4 * width * width + 2 * width * config.intermediateDim();
        long keys = positions * (positions + 1) / 2;
        return config.layers() * (perLayer * positions + 2 * width * keys) + config.vocabSize() * width * positions;
    }
}
