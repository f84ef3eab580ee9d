package io.spikelet.engine.family.spikegpt;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.spikelet.engine.ByteTokenizer;
import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.score.DocumentScore;
import io.spikelet.engine.score.ScoringDocument;
import io.spikelet.engine.score.StreamProtocol;
import io.spikelet.engine.score.TokenScorer;
import io.spikelet.engine.tensor.DType;
import io.spikelet.engine.token.Tokenizer;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Documents of any length: one state of a fixed size, and the same work for each token. */
class SpikeGptStreamTest {
    private static final Tokenizer TOKENIZER = new ByteTokenizer();
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    Path folder;

    @Test
    void aStateForAnyLengthHasOneSize() {
        try (SpikingModel model = SpikeGptCase.load("g2-run", DType.INT8).open(folder);
                Decoder decoder = new Decoder(model, 64)) {
            assertThat(decoder.stateBytes(1)).isEqualTo(decoder.stateBytes(Integer.MAX_VALUE));
            DecoderState state = decoder.allocate(1);
            int[] ids = new Random(3).ints(2000, 0, 300).toArray();
            SpikeGptGoldenTest.feed(decoder, state, ids, ids.length);
            assertThat(decoder.spikes(state).positions()).isEqualTo(ids.length);
        }
    }

    @Test
    @Tag("cluster")
    void aDocumentOfAMillionTokensTakesTheMemoryOfAShortOne() {
        int tokens = 1_000_000;
        StringBuilder built = new StringBuilder();
        Random random = new Random(11);
        while (built.length() < tokens) {
            built.append((char) ('a' + random.nextInt(26)));
        }
        String text = built.toString();
        try (SpikingModel model = SpikeGptCase.load("g1-train", DType.INT8).open(folder);
                TokenScorer scorer = new TokenScorer(
                        model, TOKENIZER, List.of(new StreamProtocol()), new TokenScorer.Options(64, false))) {
            String tenth = text.substring(0, tokens / 10);
            score(scorer, tenth); // everything is compiled and allocated once
            double shortOne = bytesPerToken(scorer, tenth);
            double longOne = bytesPerToken(scorer, text);
            // what a token allocates, garbage included, does not grow with the document
            assertThat(longOne).isLessThan(1.5 * shortOne + 64);
        }
    }

    private static double bytesPerToken(TokenScorer scorer, String text) {
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        DocumentScore score = score(scorer, text);
        assertThat(score.scoredTokens()).isEqualTo(text.length());
        assertThat(score.nll()).isPositive();
        double bytes = (THREADS.getCurrentThreadAllocatedBytes() - allocated) / (double) text.length();
        System.out.printf(
                "stream: %d tokens: %.2f microseconds and %.0f bytes allocated per token%n",
                text.length(), (System.nanoTime() - start) / 1e3 / text.length(), bytes);
        return bytes;
    }

    private static DocumentScore score(TokenScorer scorer, String text) {
        return scorer.score(List.of(new ScoringDocument("long", text)).iterator())
                .next()
                .scores()
                .getFirst();
    }
}
