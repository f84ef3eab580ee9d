package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.model.SequenceState;
import io.spikelet.engine.telemetry.OperationCounts;
import io.spikelet.engine.telemetry.SpikeStatistics;

/** The state that is kept between tokens: the key and value bits of every layer and step. Membranes are not kept. */
final class SequenceBits implements SequenceState {
    final KeyValueBits[] layers;
    final Activity activity;
    private final BispikclmConfig config;
    private int positions;

    SequenceBits(BispikclmConfig config, int capacity) {
        this.config = config;
        this.layers = new KeyValueBits[config.layers()];
        for (int i = 0; i < layers.length; i++) {
            layers[i] = new KeyValueBits(config.steps(), config.width(), capacity);
        }
        this.activity = new Activity(config.layers());
    }

    /** Bytes of a state with room for {@code capacity} positions. */
    static long bytes(BispikclmConfig config, int capacity) {
        return config.layers() * KeyValueBits.bytes(config.steps(), config.width(), capacity);
    }

    /** Adds the next position, which sees itself and all positions before it. */
    void advance() {
        positions++;
        activity.position(positions);
    }

    @Override
    public void reset() {
        positions = 0;
        activity.clear();
    }

    @Override
    public void copyFrom(SequenceState other) {
        SequenceBits source = (SequenceBits) other;
        for (int i = 0; i < layers.length; i++) {
            layers[i].copyFrom(source.layers[i], source.positions);
        }
        activity.copyFrom(source.activity);
        positions = source.positions;
    }

    @Override
    public SpikeStatistics spikes(long decoded) {
        return new SpikeStatistics(decoded, config.populations(), activity.counts(config));
    }

    @Override
    public OperationCounts operations(long decoded) {
        return activity.operations(config);
    }
}
