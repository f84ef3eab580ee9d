package io.spikelet.engine.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PerplexityProtocolTest {
    @Test
    void lmEvalCutsItsOwnExampleLikeTheHarness() {
        // n = 10, M = 4, p = 100: ([100],[0,1,2,3]) ([3],[4,5,6,7]) ([5,6,7],[8,9]) as (context, continuation)
        int[] sequence = {100, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

        assertThat(new LmEvalProtocol(4)
                        .windows(sequence.length).stream().map(w -> contextAndContinuation(w, sequence)))
                .containsExactly("[100] [0, 1, 2, 3]", "[3] [4, 5, 6, 7]", "[5, 6, 7] [8, 9]");
    }

    private static String contextAndContinuation(Window window, int[] sequence) {
        List<Integer> context = new ArrayList<>();
        List<Integer> continuation = new ArrayList<>();
        for (int i = window.begin(); i <= window.end(); i++) {
            (i < window.scoreFrom() ? context : continuation).add(sequence[i]);
        }
        return context + " " + continuation;
    }

    @Test
    void documentWindowsOverlapByContextMinusStride() {
        // u has 11 tokens; windows [0,4) [2,6) [4,8) [6,10) [8,11), of which the last token is a target only
        assertThat(new DocumentProtocol(4, 2).windows(11))
                .containsExactly(
                        new Window(0, 3, 1),
                        new Window(2, 5, 4),
                        new Window(4, 7, 6),
                        new Window(6, 9, 8),
                        new Window(8, 10, 10));
        assertThat(new DocumentProtocol(4, 3).windows(7)).containsExactly(new Window(0, 3, 1), new Window(3, 6, 4));
        assertThat(new DocumentProtocol(4, 3).windows(8))
                .containsExactly(new Window(0, 3, 1), new Window(3, 6, 4), new Window(6, 7, 7));
        assertThat(new DocumentProtocol(256, 128).windows(2)).containsExactly(new Window(0, 1, 1));
    }

    @Test
    void blocksPredictAcrossTheirCut() {
        assertThat(new BlockProtocol(4).windows(11))
                .containsExactly(new Window(0, 4, 1), new Window(4, 8, 5), new Window(8, 10, 9));
        assertThat(new BlockProtocol(5).windows(11)).containsExactly(new Window(0, 5, 1), new Window(5, 10, 6));
    }

    @Test
    void llamacppScoresTheSecondHalfOfEveryWholeChunk() {
        // n_ctx = 512: 255 of each chunk, targets x[j + 1] for j = 256 .. 510; the tail is dropped
        List<Window> windows = new LlamacppChunkProtocol(512).windows(1600);
        assertThat(windows)
                .containsExactly(
                        new Window(0, 511, 257, true, 1),
                        new Window(512, 1023, 769, true, 1),
                        new Window(1024, 1535, 1281, true, 1));
        assertThat(windows).allMatch(window -> window.scored() == 255);
        assertThat(new LlamacppChunkProtocol(512).windows(1023)).isEmpty();
        assertThat(new LlamacppChunkProtocol(512).windows(1024)).hasSize(2);
        // an odd context: j = 2 .. 3 of 5
        assertThat(new LlamacppChunkProtocol(5).windows(11))
                .containsExactly(new Window(0, 4, 3, true, 1), new Window(5, 9, 8, true, 1));
    }

    @Test
    void hfGuideWeighsItsWindowsLikeThePublishedCode() {
        // n = 30, M = 10, S = 5: 29 labels with a weight of 25
        List<Window> windows = new HfGuideProtocol(10, 5, false).windows(30);
        assertThat(windows.stream().map(w -> w.begin() + " " + w.end() + " " + w.scoreFrom()))
                .containsExactly("0 9 1", "5 14 10", "10 19 15", "15 24 20", "20 29 25");
        assertThat(windows.stream().mapToInt(Window::scored).sum()).isEqualTo(29);
        assertThat(windows.stream().mapToDouble(w -> w.scored() * w.weight()).sum())
                .isEqualTo(25);
        assertThat(windows.get(0).weight()).isEqualTo(1);
        assertThat(windows.get(1).weight()).isEqualTo(0.8);

        List<Window> exact = new HfGuideProtocol(10, 5, true).windows(30);
        assertThat(exact.stream().mapToDouble(w -> w.scored() * w.weight()).sum())
                .isEqualTo(29);
        assertThat(exact)
                .extracting(Window::begin)
                .isEqualTo(windows.stream().map(Window::begin).toList());
    }

    @Test
    void hfGuideNeverScoresTheFirstTokenOfAWindow() {
        // stride = context: every window loses its first token, and the last one is a single token
        assertThat(new HfGuideProtocol(4, 4, false).windows(9))
                .containsExactly(new Window(0, 3, 1), new Window(4, 7, 5));
        assertThat(new HfGuideProtocol(4, 2, false).windows(1)).isEmpty();
        // one new token in the last window weighs nothing in the published code
        assertThat(new HfGuideProtocol(4, 2, false).windows(5).getLast()).isEqualTo(new Window(2, 4, 4, false, 0));
        assertThat(new HfGuideProtocol(4, 2, true).windows(5).getLast()).isEqualTo(new Window(2, 4, 4));
    }

    @Test
    void streamIsOneWindow() {
        assertThat(new StreamProtocol().windows(100_001)).containsExactly(new Window(0, 100_000, 1));
        assertThat(new StreamProtocol().windows(1)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 8, 9, 31, 32, 33, 64, 65, 1000})
    void everyTokenIsScoredOnceAndInOrder(int length) {
        for (int context : new int[] {2, 3, 8, 31, 32, 2000}) {
            for (PerplexityProtocol protocol : new PerplexityProtocol[] {
                new DocumentProtocol(context, 1),
                new DocumentProtocol(context, Math.max(1, context / 2)),
                new DocumentProtocol(context, context - 1),
                new BlockProtocol(context),
                new BlockProtocol(1),
                new LmEvalProtocol(context),
                new LmEvalProtocol(1),
                new StreamProtocol(),
                new HfGuideProtocol(context, Math.max(1, context / 2), true)
            }) {
                List<Window> windows = protocol.windows(length);
                assertThat(windows.stream().flatMapToInt(w -> IntStream.rangeClosed(w.scoreFrom(), w.end())))
                        .as("%s of %d", protocol, length)
                        .containsExactlyElementsOf(
                                IntStream.range(1, length).boxed().toList());
                assertThat(windows).allMatch(w -> w.positions() <= protocol.context());
            }
        }
    }

    @Test
    void beyondTheFirstWindowADocumentTokenHasContextMinusStrideTokensBeforeIt() {
        DocumentProtocol protocol = new DocumentProtocol(32, 12);

        assertThat(protocol.windows(500).stream().skip(1)).allMatch(w -> w.scoreFrom() - w.begin() >= 32 - 12);
    }

    @Test
    void namesAreParsed() {
        assertThat(PerplexityProtocol.parse("document", 512, 256)).isEqualTo(new DocumentProtocol(512, 256));
        assertThat(PerplexityProtocol.parse("block", 512, 256)).isEqualTo(new BlockProtocol(512));
        assertThat(PerplexityProtocol.parse("lm-eval", 512, 256)).isEqualTo(new LmEvalProtocol(512));
        for (String name : PerplexityProtocol.NAMES) {
            assertThat(PerplexityProtocol.parse(name, 8, 4).name()).isEqualTo(name);
        }
    }

    @Test
    void whatCannotBeUsedIsRefusedWithTheLimit() {
        assertThatThrownBy(() -> PerplexityProtocol.parse("documents", 8, 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("--protocol is 'documents'; it must be one of document, block, stream, lm-eval, "
                        + "llamacpp-chunk, hf-guide, hf-guide-exact");
        assertThatThrownBy(() -> new DocumentProtocol(8, 8)).hasMessageContaining("--stride is 8");
        assertThatThrownBy(() -> new DocumentProtocol(8, 0)).hasMessageContaining("--stride is 0");
        assertThatThrownBy(() -> new DocumentProtocol(1, 1)).hasMessageContaining("--context is 1");
        assertThatThrownBy(() -> new BlockProtocol(0)).hasMessageContaining("--context is 0");
        assertThatThrownBy(() -> new LlamacppChunkProtocol(2)).hasMessageContaining("--context is 2");
        assertThatThrownBy(() -> new HfGuideProtocol(8, 9, true)).hasMessageContaining("--stride is 9");
        assertThatThrownBy(() -> new HfGuideProtocol(1, 1, true)).hasMessageContaining("--context is 1");
        assertThatThrownBy(() -> new LmEvalProtocol(-3)).hasMessageContaining("--context is -3");
    }
}
