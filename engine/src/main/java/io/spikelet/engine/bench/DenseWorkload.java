package io.spikelet.engine.bench;

/**
 * Decodes one sequence and, with each token, also multiplies the weights that it skipped: decoding that ignores
 * sparsity.
 */
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
