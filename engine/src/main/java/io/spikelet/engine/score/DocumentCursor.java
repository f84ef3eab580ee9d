package io.spikelet.engine.score;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.model.ModelConfig;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.util.List;
import java.util.Optional;

/** How far one document has been fed and scored. Not thread-safe. */
final class DocumentCursor {
    private final ScoringDocument document;
    private final int[] sequence; // (position), prefix included
    private final int prefix;
    private final List<Window> windows;
    private final TokenCollector tokens; // null unless token scores are wanted
    private final SpikeStatistics noSpikes;
    private SpikeStatistics spikes; // of the windows that are done
    private final long startNanos = System.nanoTime();
    private DecoderState state; // of the window that is being fed
    private int fedWindows;
    private int next; // token to feed, if a window is being fed
    private int doneWindows;
    private boolean abandoned;
    private double nll;
    private long scored;

    /** @param windows at least one */
    DocumentCursor(
            ScoringDocument document,
            int[] sequence,
            int prefix,
            List<Window> windows,
            boolean tokenScores,
            ModelConfig config) {
        this.document = document;
        this.sequence = sequence;
        this.prefix = prefix;
        this.windows = windows;
        this.tokens = tokenScores
                ? new TokenCollector(windows.stream().mapToInt(Window::scored).sum())
                : null;
        this.noSpikes = SpikeStatistics.none(config.layers(), config.embedDim(), config.intermediateDim());
        this.spikes = noSpikes;
    }

    ScoringDocument document() {
        return document;
    }

    /** Whether every token stands in a pass. */
    boolean fed() {
        return fedWindows == windows.size();
    }

    /** Whether everything has been collected. */
    boolean done() {
        return doneWindows == windows.size();
    }

    double secondsSinceStart() {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    boolean abandoned() {
        return abandoned;
    }

    /** Puts up to {@code most} tokens of the next window into the pass. */
    Span feed(Decoder decoder, int most) {
        Window window = windows.get(fedWindows);
        if (state == null) {
            state = decoder.allocate(window.positions());
            next = window.begin();
        }
        int first = next;
        int columns = Math.min(most, window.end() - first);
        int firstColumn = -1;
        for (int i = 0; i < columns; i++) {
            int column = decoder.add(state, sequence[first + i], first + i + 1 >= window.scoreFrom());
            firstColumn = i == 0 ? column : firstColumn;
        }
        next += columns;
        Span span = new Span(this, window, state, first, firstColumn, columns);
        if (span.endsWindow()) {
            fedWindows++;
            state = null;
        }
        return span;
    }

    /** Adds what the pass says about a span. Spans must come in the order they were fed. */
    void collect(Decoder decoder, Span span) {
        for (int i = 0; i < span.columns(); i++) {
            int target = span.first() + i + 1;
            if (target >= span.window().scoreFrom()) {
                collect(decoder, decoder.logitsOffset(span.firstColumn() + i), target);
            }
        }
        if (span.endsWindow()) {
            spikes = spikes.merge(decoder.spikes(span.state()));
            decoder.release(span.state());
            doneWindows++;
        }
    }

    private void collect(Decoder decoder, int offset, int target) {
        double tokenNll = TokenCollector.nll(decoder, offset, sequence[target]);
        nll += tokenNll;
        scored++;
        if (tokens != null) {
            tokens.add(decoder, offset, target - prefix, sequence[target], tokenNll);
        }
    }

    /** Forgets everything that was fed. */
    void restart(Decoder decoder) {
        release(decoder);
        fedWindows = 0;
        doneWindows = 0;
        nll = 0;
        scored = 0;
        spikes = noSpikes;
        if (tokens != null) {
            tokens.clear();
        }
    }

    /** Ends the document for good. */
    void abandon(Decoder decoder) {
        release(decoder);
        abandoned = true;
    }

    private void release(Decoder decoder) {
        if (state != null) {
            decoder.release(state);
            state = null;
        }
    }

    /** The result of a document that is done. */
    DocumentScore score(String protocol) {
        return new DocumentScore(
                document.rowId(),
                protocol,
                sequence.length - prefix,
                scored,
                TextLength.of(document.text()),
                nll,
                spikes.encoderRate(),
                spikes.ffnRate(),
                spikes.ffnRates(),
                spikes.blockRates(),
                Optional.ofNullable(tokens).map(TokenCollector::scores),
                null,
                null);
    }
}
