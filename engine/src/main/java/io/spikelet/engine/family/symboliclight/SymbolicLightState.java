package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.model.SequenceState;
import io.spikelet.engine.telemetry.OperationCounts;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.util.Arrays;

/** Membranes, decay states, keys, values and spike counts of one sequence. Not thread-safe. */
final class SymbolicLightState implements SequenceState {
    final float[] membrane; // (channel)
    final BlockState[] blocks; // (layer)
    long encoderSpikes;
    private final SymbolicLightConfig config;

    SymbolicLightState(SymbolicLightConfig config, float[] membrane, BlockState[] blocks) {
        this.config = config;
        this.membrane = membrane;
        this.blocks = blocks;
    }

    @Override
    public void reset() {
        Arrays.fill(membrane, 0f);
        for (BlockState block : blocks) {
            block.reset();
        }
        encoderSpikes = 0;
    }

    @Override
    public void copyFrom(SequenceState other) {
        SymbolicLightState source = (SymbolicLightState) other;
        System.arraycopy(source.membrane, 0, membrane, 0, membrane.length);
        for (int i = 0; i < blocks.length; i++) {
            blocks[i].copyFrom(source.blocks[i]);
        }
        encoderSpikes = source.encoderSpikes;
    }

    @Override
    public SpikeStatistics spikes(long positions) {
        int layers = blocks.length;
        long[] counts = new long[1 + 2 * layers];
        counts[0] = encoderSpikes;
        for (int layer = 0; layer < layers; layer++) {
            counts[1 + layer] = blocks[layer].hiddenSpikes();
            counts[1 + layers + layer] = blocks[layer].outputSpikes();
        }
        return new SpikeStatistics(positions, config.populations(), counts);
    }

    @Override
    public OperationCounts operations(long positions) {
        return SymbolicLightOperations.of(config, this, positions);
    }
}
