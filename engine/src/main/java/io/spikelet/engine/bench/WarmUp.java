package io.spikelet.engine.bench;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.kernel.KernelProvider;
import io.spikelet.engine.kernel.Kernels;
import java.util.Collections;
import java.util.List;

/**
 * Runs before the first figure: a little of everything that will be timed, until the compiler is idle. Kernels that run
 * once per token are called too rarely to be compiled while single tokens are decoded.
 */
final class WarmUp {
    private static final double MAX_SECONDS = 30;
    private static final int IDLE_ROUNDS = 4;
    private static final int MIN_POSITIONS = 1000; // code that runs once per token is not hot before
    private static final int SELDOM_CALLS = 10_000;
    private static final int STRETCH = 384; // elements of one call
    private static final int MAX_BATCH = 32;
    private static final int POSITIONS = 16;

    private final BenchmarkContext session;
    private final PromptWorkload prompt;
    private final DecodeWorkload decode;
    private final List<Integer> batches;

    WarmUp(BenchmarkContext session) {
        this.session = session;
        this.batches = session.options.batches().stream()
                .map(batch -> Math.min(batch, MAX_BATCH))
                .distinct()
                .toList();
        Decoder decoder = session.decoder(BenchmarkContext.BLOCK);
        int length = Math.min(2 * BenchmarkContext.BLOCK, session.model.config().contextLength());
        DecoderState state = decoder.allocate(length);
        TokenSource tokens = new TokenSource(session.vocabulary, BenchmarkContext.SEED);
        this.prompt = new PromptWorkload(decoder, state, tokens, length, BenchmarkContext.BLOCK, true);
        ContextSpan span = ContextSpan.near(length, session.model.config());
        DecoderState start = DecodeWorkload.prefilled(decoder, span, BenchmarkContext.BLOCK, BenchmarkContext.SEED);
        this.decode = new DecodeWorkload(decoder, span, start, Collections.max(batches), BenchmarkContext.SEED);
    }

    /**
     * A pass calls these kernels once, regardless of its size, so they would be compiled only after more passes than
     * there is time for.
     */
    private void callSeldomKernels() {
        Kernels kernels = KernelProvider.kernels();
        float[] row = new float[session.vocabulary];
        int stretch = Math.min(row.length, STRETCH);
        for (int i = 0; i < SELDOM_CALLS; i++) {
            kernels.gelu(row, 0, stretch);
        }
        for (int i = 0; i < SELDOM_CALLS; i += row.length / stretch) {
            kernels.argmax(row, 0, row.length);
        }
    }

    /** Ends when nothing is left to compile, or after a time limit that depends on the time per figure. */
    void run() {
        double limit = Math.min(MAX_SECONDS, 20 * session.options.seconds());
        callSeldomKernels();
        Compiler compiler = new Compiler();
        long start = System.nanoTime();
        int idle = 0;
        int positions = 0;
        while ((idle < IDLE_ROUNDS || positions < MIN_POSITIONS) && (System.nanoTime() - start) / 1e9 < limit) {
            long compiling = compiler.millis();
            prompt.run(1);
            positions += prompt.tokensPerStep();
            for (int batch : batches) {
                decode.batch(batch);
                decode.run(Math.clamp(POSITIONS / batch, 1, decode.prepare()));
            }
            session.machine.measure(session.alone);
            idle = compiler.millis() == compiling ? idle + 1 : 0;
        }
    }
}
