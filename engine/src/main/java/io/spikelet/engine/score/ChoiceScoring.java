package io.spikelet.engine.score;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.OwnedStates;
import io.spikelet.engine.decode.PassScheduler;
import io.spikelet.engine.token.PairEncoder;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** One iteration of a {@link ChoiceScorer}. */
final class ChoiceScoring extends PassScheduler<ChoiceCursor, ChoiceScore> {
    private final PairEncoder encoder;
    private final ChoiceScorer.Options options;
    private final SharedPrefix prefix;
    private final Iterator<ChoiceItem> items;

    ChoiceScoring(
            Decoder decoder,
            PairEncoder encoder,
            ChoiceScorer.Options options,
            SharedPrefix prefix,
            Iterator<ChoiceItem> items) {
        super(decoder, options.timeoutSeconds());
        this.encoder = encoder;
        this.options = options;
        this.prefix = prefix;
        this.items = items;
    }

    @Override
    protected boolean hasMore() {
        return items.hasNext();
    }

    /** Items in flight first, in order of arrival, so that their states are released early. */
    @Override
    protected void compose() {
        int free = decoder().maxColumns();
        for (int i = 0; i < active().size() && free > 0; i++) {
            free -= feed(active().get(i), free);
        }
        while (free > 0 && !hasResults() && items.hasNext()) {
            int before = active().size();
            open(items.next());
            if (active().size() > before) {
                free -= feed(active().getLast(), free);
            }
        }
    }

    private void open(ChoiceItem item) {
        if (item == null || item.rowId() == null || item.requests().isEmpty()) {
            finish(ChoiceScore.error(
                    item == null ? null : item.rowId(), "null_input", "the item or its row id is null, or no choices"));
            return;
        }
        List<ContinuationScore> continuations = new ArrayList<>();
        for (ChoiceItem.Request request : item.requests()) {
            PairEncoder.Pair pair;
            try {
                pair = encoder.encode(request.context(), request.continuation());
            } catch (RuntimeException e) {
                finish(ChoiceScore.error(item.rowId(), "engine_error", "the tokenizer failed: " + e));
                return;
            }
            if (pair.continuation().length > options.context()) {
                finish(ChoiceScore.error(
                        item.rowId(),
                        "too_long",
                        "a continuation has " + pair.continuation().length + " tokens; the context has "
                                + options.context() + ": allow more with --context"));
                return;
            }
            continuations.add(new ContinuationScore(pair, options.context()));
        }
        ChoiceCursor cursor = new ChoiceCursor(item.rowId(), continuations, new OwnedStates(decoder()), prefix);
        if (cursor.done()) {
            finish(cursor.score());
        } else {
            admit(cursor);
        }
    }

    @Override
    protected ChoiceScore result(ChoiceCursor item) {
        return item.score();
    }

    @Override
    protected ChoiceScore failure(ChoiceCursor item, RuntimeException cause) {
        return ChoiceScore.error(item.rowId(), "engine_error", cause.toString());
    }

    @Override
    protected ChoiceScore timeout(ChoiceCursor item) {
        return ChoiceScore.error(
                item.rowId(),
                "timeout",
                "the item was not scored within " + options.timeoutSeconds() + " s: allow more time");
    }
}
