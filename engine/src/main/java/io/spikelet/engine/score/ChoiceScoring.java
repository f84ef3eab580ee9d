package io.spikelet.engine.score;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.NonFiniteLogitsException;
import io.spikelet.engine.token.PairEncoder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;

/** One iteration of a {@link ChoiceScorer}: the items in flight, and the scores that nobody has taken yet. */
final class ChoiceScoring implements Iterator<ChoiceScore> {
    private final Decoder decoder;
    private final PairEncoder encoder;
    private final ChoiceScorer.Options options;
    private final Iterator<ChoiceItem> items;
    private final List<ChoiceCursor> active = new ArrayList<>();
    private final List<ChoiceCursor.Part> pass = new ArrayList<>();
    private final Queue<ChoiceScore> finished = new ArrayDeque<>();

    ChoiceScoring(Decoder decoder, PairEncoder encoder, ChoiceScorer.Options options, Iterator<ChoiceItem> items) {
        this.decoder = decoder;
        this.encoder = encoder;
        this.options = options;
        this.items = items;
    }

    @Override
    public boolean hasNext() {
        while (finished.isEmpty() && (!active.isEmpty() || items.hasNext())) {
            advance();
        }
        return !finished.isEmpty();
    }

    @Override
    public ChoiceScore next() {
        if (!hasNext()) {
            throw new NoSuchElementException("every item has been scored");
        }
        return finished.remove();
    }

    private void advance() {
        pass.clear();
        try {
            decoder.clear();
            compose();
            if (pass.isEmpty()) {
                return; // every item that was opened is finished
            }
            decoder.run();
            pass.forEach(part -> part.item().collect(decoder, part));
        } catch (RuntimeException e) {
            recover(e);
            return;
        }
        for (int i = 0; i < active.size(); i++) {
            ChoiceCursor item = active.get(i);
            if (item.done()) {
                finished.add(item.score());
                active.remove(i--);
            } else if (item.secondsSinceStart() > options.timeoutSeconds()) {
                item.release(decoder);
                finished.add(ChoiceScore.error(
                        item.rowId(),
                        "timeout",
                        "the item was not scored within " + options.timeoutSeconds() + " s: allow more time"));
                active.remove(i--);
            }
        }
    }

    /** Items in flight first, in the order they came, so that their states are free again soon. */
    private void compose() {
        int free = decoder.maxColumns();
        for (int i = 0; i < active.size() && free > 0; i++) {
            free -= active.get(i).feed(decoder, free, pass);
        }
        while (free > 0 && finished.isEmpty() && items.hasNext()) {
            int before = active.size();
            open(items.next());
            if (active.size() > before) {
                free -= active.getLast().feed(decoder, free, pass);
            }
        }
    }

    private void open(ChoiceItem item) {
        if (item == null || item.rowId() == null || item.requests().isEmpty()) {
            finished.add(ChoiceScore.error(
                    item == null ? null : item.rowId(), "null_input", "the item or its row id is null, or no choices"));
            return;
        }
        List<ContinuationScore> continuations = new ArrayList<>();
        for (ChoiceItem.Request request : item.requests()) {
            PairEncoder.Pair pair;
            try {
                pair = encoder.encode(request.context(), request.continuation());
            } catch (RuntimeException e) {
                finished.add(ChoiceScore.error(item.rowId(), "engine_error", "the tokenizer failed: " + e));
                return;
            }
            if (pair.continuation().length > options.context()) {
                finished.add(ChoiceScore.error(
                        item.rowId(),
                        "too_long",
                        "a continuation has " + pair.continuation().length + " tokens; the context has "
                                + options.context() + ": allow more with --context"));
                return;
            }
            continuations.add(new ContinuationScore(pair, options.context()));
        }
        ChoiceCursor cursor = new ChoiceCursor(item.rowId(), continuations);
        if (cursor.done()) {
            finished.add(cursor.score());
        } else {
            active.add(cursor);
        }
    }

    /**
     * After a pass that failed its states are worth nothing, and which item it was is unknown. Each item in flight is
     * scored again in passes of its own; those that fail again are the errors.
     */
    private void recover(RuntimeException cause) {
        if (active.isEmpty()) {
            throw cause;
        }
        List<ChoiceCursor> suspects = List.copyOf(active);
        active.clear();
        for (ChoiceCursor item : suspects) {
            try {
                item.restart(decoder);
                while (!item.done()) {
                    scoreAlone(item);
                }
                finished.add(item.score());
            } catch (RuntimeException e) {
                NonFiniteLogitsException.blameModel(e, decoder.model());
                item.release(decoder);
                finished.add(ChoiceScore.error(item.rowId(), "engine_error", e.toString()));
            }
        }
    }

    private void scoreAlone(ChoiceCursor item) {
        pass.clear();
        decoder.clear();
        item.feed(decoder, decoder.maxColumns(), pass);
        decoder.run();
        pass.forEach(part -> part.item().collect(decoder, part));
    }
}
