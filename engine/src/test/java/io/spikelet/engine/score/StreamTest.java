package io.spikelet.engine.score;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.ByteTokenizer;
import io.spikelet.engine.GoldenCase;
import io.spikelet.engine.GoldenCase.Weights;
import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.decode.SoftmaxStatistics;
import io.spikelet.engine.model.SpikingModel;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A document of 100,000 tokens, far beyond the model's context. */
class StreamTest {
    private static final int TOKENS = 100_000;
    private static final ByteTokenizer TOKENIZER = new ByteTokenizer();
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    Path folder;

    private static String text() {
        Random random = new Random(11);
        StringBuilder text = new StringBuilder();
        while (text.length() < TOKENS) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }

    @Test
    void aLongDocumentEqualsTokenByTokenAndItsMemoryIsFlat() {
        String text = text();
        int[] ids = TOKENIZER.encode(text);
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8);
                TokenScorer scorer = new TokenScorer(
                        model, TOKENIZER, List.of(new StreamProtocol()), new TokenScorer.Options(64, false))) {
            score(scorer, text.substring(0, TOKENS / 10)); // everything is compiled and allocated once
            Measured tenth = measured("a tenth", scorer, text.substring(0, TOKENS / 10));
            Measured whole = measured("all", scorer, text);

            assertThat(whole.score().scoredTokens()).isEqualTo(TOKENS);
            assertThat(whole.score().nll()).isEqualTo(tokenByToken(model, ids, TOKENS));
            assertThat(tenth.score().nll()).isEqualTo(tokenByToken(model, ids, TOKENS / 10));
            // what a token allocates, garbage included, does not grow with the document
            assertThat(whole.bytesPerToken()).isLessThan(1.5 * tenth.bytesPerToken());
        }
    }

    @Test
    void aStateForAnyLengthHasTheSizeOfTheWindowAndTheAnchors() {
        for (String name : GoldenCase.NAMES) {
            try (SpikingModel model = GoldenCase.load(name).open(folder, Weights.INT8);
                    Decoder decoder = new Decoder(model, 64)) {
                int bounded = (int) model.config().fields().get("sparse_attn_window")
                        + (int) model.config().fields().get("n_global_anchors")
                        + 64
                        + 4 * 16;
                assertThat(decoder.stateBytes(TOKENS)).isEqualTo(decoder.stateBytes(Integer.MAX_VALUE));
                assertThat(decoder.stateBytes(TOKENS)).isLessThanOrEqualTo(decoder.stateBytes(bounded) * 2);
            }
        }
    }

    private record Measured(DocumentScore score, double bytesPerToken) {}

    private static Measured measured(String what, TokenScorer scorer, String text) {
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        DocumentScore score = score(scorer, text);
        double perToken = (THREADS.getCurrentThreadAllocatedBytes() - allocated) / (double) text.length();
        System.out.printf(
                "stream: %s, %d tokens: %.2f microseconds and %.0f bytes allocated per token%n",
                what, text.length(), (System.nanoTime() - start) / 1e3 / text.length(), perToken);
        return new Measured(score, perToken);
    }

    private static DocumentScore score(TokenScorer scorer, String text) {
        return scorer.score(List.of(new ScoringDocument("long", text)).iterator())
                .next()
                .scores()
                .getFirst();
    }

    private static double tokenByToken(SpikingModel model, int[] ids, int count) {
        double nll = 0;
        try (Decoder decoder = new Decoder(model, 1)) {
            DecoderState state = decoder.allocate(Integer.MAX_VALUE);
            int input = TOKENIZER.bosId();
            for (int i = 0; i < count; i++) {
                decoder.clear();
                int offset = decoder.logitsOffset(decoder.add(state, input, true));
                decoder.run();
                nll += SoftmaxStatistics.logSumExp(decoder.kernels(), decoder.logits(), offset, decoder.vocabulary())
                        - decoder.logits()[offset + ids[i]];
                input = ids[i];
            }
        }
        return nll;
    }
}
