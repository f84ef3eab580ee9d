package io.spikelet.engine.score;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.NonFiniteLogitsException;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.Set;

/**
 * One iteration of a {@link TokenScorer}. A pass takes the runs one after the other until it is full, so that at most one
 * run, and with it one unit, is unfinished between passes.
 */
final class Scoring implements Iterator<UnitScores> {
    private static final String WINDOW = ""; // in the place of a protocol

    private final Decoder decoder;
    private final UnitPlanner planner;
    private final List<PerplexityProtocol> protocols;
    private final TokenScorer.Options options;
    private final Iterator<? extends ScoringUnit> units;
    private final SpikeStatistics noSpikes;
    private final List<Span> pass = new ArrayList<>();
    private final Queue<UnitScores> finished = new ArrayDeque<>();
    private UnitCursor current; // null, or a unit that has runs left

    Scoring(
            Decoder decoder,
            UnitPlanner planner,
            List<PerplexityProtocol> protocols,
            TokenScorer.Options options,
            Iterator<? extends ScoringUnit> units) {
        this.decoder = decoder;
        this.planner = planner;
        this.protocols = protocols;
        this.options = options;
        this.units = units;
        this.noSpikes = SpikeStatistics.none(decoder.model().config().populations());
    }

    @Override
    public boolean hasNext() {
        while (finished.isEmpty() && (current != null || units.hasNext())) {
            advance();
        }
        return !finished.isEmpty();
    }

    @Override
    public UnitScores next() {
        if (!hasNext()) {
            throw new NoSuchElementException("every unit has been scored");
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
            if (!span.unit().abandoned()) {
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
            if (!pass.isEmpty() && !current.fits(decoder)) {
                return; // states of this pass come back after it
            }
            Span span = current.feed(decoder, free);
            pass.add(span);
            free -= span.columns();
            if (!span.endsRun()) {
                return; // the pass is full, or what fired has to be counted here
            }
            if (current.fed()) {
                current = null;
            }
        }
    }

    /** Makes the next unit current if there is none; false if there is no more that could be scored in this pass. */
    private boolean open() {
        while (current == null && finished.isEmpty() && units.hasNext()) {
            open(units.next());
        }
        return current != null;
    }

    private void open(ScoringUnit unit) {
        boolean isNull = unit == null
                || unit.rowId() == null
                || unit instanceof ScoringDocument document && document.text() == null;
        if (isNull) {
            fail(unit, "null_input", "the document, its row id or its text is null");
            return;
        }
        UnitPlan plan;
        try {
            plan = planner.plan(unit);
        } catch (RuntimeException e) {
            fail(unit, "engine_error", "the tokenizer failed: " + e);
            return;
        }
        NllAccumulator[] tallies = new NllAccumulator[plan.windows().size()];
        boolean isWindow = unit instanceof ScoringWindow;
        for (int i = 0; i < tallies.length; i++) {
            tallies[i] = new NllAccumulator(
                    plan.scored(i), noSpikes, isWindow || options.tokenScores(), options.tokenScores());
        }
        UnitCursor cursor = new UnitCursor(plan, tallies, new TokenMeasure(options.tokenScores()));
        if (plan.runs().isEmpty()) {
            finish(cursor);
        } else {
            current = cursor;
        }
    }

    private void collect(Span span) {
        UnitCursor unit = span.unit();
        try {
            unit.collect(decoder, span);
            if (unit.done()) {
                finish(unit);
            }
        } catch (RuntimeException e) {
            drop(unit, e);
        }
    }

    private void drop(UnitCursor unit, RuntimeException cause) {
        NonFiniteLogitsException.blameModel(cause, decoder.model());
        drop(unit, "engine_error", cause.toString());
    }

    private void drop(UnitCursor unit, String errorClass, String message) {
        unit.abandon(decoder);
        fail(unit.plan().unit(), errorClass, message);
        if (current == unit) {
            current = null;
        }
    }

    /**
     * After a pass that failed its states are worth nothing, and which unit it was is unknown. Each of its units is scored
     * again in passes of its own; those that fail again are the errors.
     */
    private void recover(RuntimeException cause) {
        Set<UnitCursor> suspects = new LinkedHashSet<>();
        pass.forEach(span -> suspects.add(span.unit()));
        if (current != null) {
            suspects.add(current);
        }
        if (suspects.isEmpty()) {
            throw cause;
        }
        current = null;
        for (UnitCursor unit : suspects) {
            try {
                scoreAlone(unit);
            } catch (RuntimeException e) {
                drop(unit, e);
            }
        }
    }

    private void scoreAlone(UnitCursor unit) {
        unit.restart(decoder);
        while (!unit.done()) {
            decoder.clear();
            Span span = unit.feed(decoder, decoder.maxColumns());
            decoder.run();
            unit.collect(decoder, span);
        }
        finish(unit);
    }

    private void finish(UnitCursor cursor) {
        UnitPlan plan = cursor.plan();
        if (!(plan.unit() instanceof ScoringDocument document)) {
            DocumentScore score = DocumentScore.of(
                    plan.unit().rowId(), WINDOW, plan.tokens(), TextLength.NONE, cursor.tallies()[0], plan.edges());
            finished.add(new UnitScores(plan.unit().rowId(), List.of(score)));
            return;
        }
        TextLength length = TextLength.of(document.text());
        List<DocumentScore> scores = new ArrayList<>();
        for (int i = 0; i < protocols.size(); i++) {
            scores.add(score(protocols.get(i), i, cursor, length));
        }
        finished.add(new UnitScores(document.rowId(), scores));
    }

    private static DocumentScore score(PerplexityProtocol protocol, int index, UnitCursor cursor, TextLength length) {
        UnitPlan plan = cursor.plan();
        String rowId = plan.unit().rowId();
        if (plan.windows().get(index).isEmpty()) {
            String message =
                    "the text has " + plan.tokens() + " tokens; protocol " + protocol.name() + " scores none of them";
            return DocumentScore.error(rowId, protocol.name(), length, "empty_input", message);
        }
        boolean scoresAll = protocol.separator().isEmpty();
        TextLength scored = scoresAll ? length : new TextLength(plan.scoredBytes(index), 0, 0);
        return DocumentScore.of(rowId, protocol.name(), plan.tokens(), scored, cursor.tallies()[index], plan.edges());
    }

    private void fail(ScoringUnit unit, String errorClass, String message) {
        String rowId = unit == null ? null : unit.rowId();
        if (unit instanceof ScoringWindow) {
            finished.add(new UnitScores(
                    rowId, List.of(DocumentScore.error(rowId, WINDOW, TextLength.NONE, errorClass, message))));
            return;
        }
        boolean hasText = unit instanceof ScoringDocument document && document.text() != null;
        TextLength length = hasText ? TextLength.of(((ScoringDocument) unit).text()) : TextLength.NONE;
        finished.add(new UnitScores(
                rowId,
                protocols.stream()
                        .map(protocol -> DocumentScore.error(rowId, protocol.name(), length, errorClass, message))
                        .toList()));
    }
}
