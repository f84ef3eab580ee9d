package io.spikelet.engine.score;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.token.BosPolicy;
import io.spikelet.engine.token.Tokenizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.Set;

/**
 * One iteration of a {@link TokenScorer}. A pass takes the windows one after the other until it is full, so that at most
 * one window, and with it one document, is unfinished between passes.
 */
final class Scoring implements Iterator<DocumentScore> {
    private final Decoder decoder;
    private final Tokenizer tokenizer;
    private final PerplexityProtocol protocol;
    private final TokenScorer.Options options;
    private final Iterator<ScoringDocument> documents;
    private final List<Span> pass = new ArrayList<>();
    private final Queue<DocumentScore> finished = new ArrayDeque<>();
    private DocumentCursor current; // null, or a document that has windows left

    Scoring(
            Decoder decoder,
            Tokenizer tokenizer,
            PerplexityProtocol protocol,
            TokenScorer.Options options,
            Iterator<ScoringDocument> documents) {
        this.decoder = decoder;
        this.tokenizer = tokenizer;
        this.protocol = protocol;
        this.options = options;
        this.documents = documents;
    }

    @Override
    public boolean hasNext() {
        while (finished.isEmpty() && (current != null || documents.hasNext())) {
            advance();
        }
        return !finished.isEmpty();
    }

    @Override
    public DocumentScore next() {
        if (!hasNext()) {
            throw new NoSuchElementException("every document has been scored");
        }
        return finished.remove();
    }

    private void advance() {
        pass.clear();
        try {
            decoder.clear();
            compose();
            if (!pass.isEmpty()) {
                decoder.run();
            }
        } catch (RuntimeException e) {
            recover(e);
            return;
        }
        for (Span span : pass) {
            if (!span.document().abandoned()) {
                collect(span);
            }
        }
        if (current != null && current.secondsSinceStart() > options.timeoutSeconds()) {
            String message = "the document was not scored within " + options.timeoutSeconds()
                    + " s: allow more time, or cut it into several";
            drop(current, "timeout", message);
        }
    }

    private void compose() {
        int free = decoder.maxColumns();
        while (free > 0 && open()) {
            Span span = current.feed(decoder, free);
            pass.add(span);
            free -= span.columns();
            if (current.fed()) {
                current = null;
            }
        }
    }

    /** Makes the next document current if there is none; false if there is no more that could be scored in this pass. */
    private boolean open() {
        while (current == null && finished.isEmpty() && documents.hasNext()) {
            open(documents.next());
        }
        return current != null;
    }

    private void open(ScoringDocument document) {
        if (document == null || document.rowId() == null || document.text() == null) {
            fail(document, "null_input", "the document, its row id or its text is null");
            return;
        }
        int[] ids;
        try {
            ids = tokenizer.encode(document.text());
        } catch (RuntimeException e) {
            fail(document, "engine_error", "the tokenizer failed: " + e);
            return;
        }
        BosPolicy bos = protocol.prefixed() ? BosPolicy.PREPEND : BosPolicy.NONE;
        int[] sequence = bos.apply(tokenizer, ids);
        List<Window> windows = protocol.windows(sequence.length);
        if (windows.isEmpty()) {
            String message =
                    "the text has " + ids.length + " tokens; protocol " + protocol.name() + " scores none of them";
            fail(document, "empty_input", message);
            return;
        }
        int prefix = sequence.length - ids.length;
        current = new DocumentCursor(
                document,
                sequence,
                prefix,
                windows,
                options.tokenScores(),
                decoder.model().config());
    }

    private void collect(Span span) {
        DocumentCursor document = span.document();
        try {
            document.collect(decoder, span);
            if (document.done()) {
                finished.add(document.score(protocol.name()));
            }
        } catch (RuntimeException e) {
            drop(document, e);
        }
    }

    private void drop(DocumentCursor document, RuntimeException cause) {
        drop(document, "engine_error", cause.toString());
    }

    private void drop(DocumentCursor document, String errorClass, String message) {
        document.abandon(decoder);
        fail(document.document(), errorClass, message);
        if (current == document) {
            current = null;
        }
    }

    /**
     * After a pass that failed its states are worth nothing, and which document it was is unknown. Each of its documents is
     * scored again in passes of its own; those that fail again are the errors.
     */
    private void recover(RuntimeException cause) {
        Set<DocumentCursor> suspects = new LinkedHashSet<>();
        pass.forEach(span -> suspects.add(span.document()));
        if (current != null) {
            suspects.add(current);
        }
        if (suspects.isEmpty()) {
            throw cause;
        }
        current = null;
        for (DocumentCursor document : suspects) {
            try {
                scoreAlone(document);
            } catch (RuntimeException e) {
                drop(document, e);
            }
        }
    }

    private void scoreAlone(DocumentCursor document) {
        document.restart(decoder);
        while (!document.done()) {
            decoder.clear();
            Span span = document.feed(decoder, decoder.maxColumns());
            decoder.run();
            document.collect(decoder, span);
        }
        finished.add(document.score(protocol.name()));
    }

    private void fail(ScoringDocument document, String errorClass, String message) {
        finished.add(DocumentScore.error(document, protocol.name(), errorClass, message));
    }
}
