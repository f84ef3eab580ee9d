package io.spikelet.engine.bench;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import java.util.List;

/**
 * What comes before the first figure: a little of everything that will be timed, until the compiler has nothing left to
 * do. The kernels that run once a token are called too seldom to be compiled while single tokens are decoded.
 */
final class Rehearsal {
    private static final double MAX_SECONDS = 30;
    private static final int IDLE_ROUNDS = 4;
    private static final int BATCH = 4;

    private final Session session;
    private final PromptWorkload prompt;
    private final DecodeWorkload decode;

    Rehearsal(Session session) {
        this.session = session;
        Decoder decoder = session.decoder(Session.BLOCK);
        int length = Math.min(2 * Session.BLOCK, session.model.config().maxSeqLen());
        DecoderState state = decoder.allocate(length);
        TokenSource tokens = new TokenSource(session.vocabulary, Session.SEED);
        this.prompt = new PromptWorkload(decoder, state, tokens, length, Session.BLOCK, true);
        ContextSpan span = ContextSpan.near(length, session.model.config());
        DecoderState start = DecodeWorkload.prefilled(decoder, span, Session.BLOCK, Session.SEED);
        this.decode = new DecodeWorkload(decoder, span, start, BATCH, Session.SEED);
    }

    /** Ends when nothing was compiled for a few rounds, or after a time that follows from that of the figures. */
    void run() {
        double limit = Math.min(MAX_SECONDS, 8 * session.options.seconds());
        Compiler compiler = new Compiler();
        long start = System.nanoTime();
        for (int idle = 0; idle < IDLE_ROUNDS && (System.nanoTime() - start) / 1e9 < limit; ) {
            long compiling = compiler.millis();
            prompt.run(1);
            for (int batch : List.of(1, BATCH)) {
                decode.batch(batch);
                decode.run(decode.prepare());
            }
            session.machine.measure(session.alone);
            idle = compiler.millis() == compiling ? idle + 1 : 0;
        }
    }
}
