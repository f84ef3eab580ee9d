package io.spikelet.engine.bench;

/** One sequence, and with each token the weights that it skipped: decoding as if nothing were known of spikes. */
record DenseWorkload(DecodeWorkload spiking, SilentInputs silent) implements Workload {
    @Override
    public int prepare() {
        return spiking.prepare();
    }

    @Override
    public void run(int steps) {
        for (int step = 0; step < steps; step++) {
            spiking.run(1);
            silent.multiply();
        }
    }

    @Override
    public int tokensPerStep() {
        return spiking.tokensPerStep();
    }
}
