package io.spikelet.engine.score;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.OwnedStates;
import io.spikelet.engine.decode.PassScheduler;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * One iteration of a {@link TokenScorer}. A pass is filled with runs one after the other, so between passes at most one
 * run, and therefore one unit, is unfinished.
 */
final class Scoring extends PassScheduler<UnitCursor, UnitScores> {
    private static final String WINDOW = ""; // in place of a protocol name

    private final UnitPlanner planner;
    private final List<PerplexityProtocol> protocols;
    private final TokenScorer.Options options;
    private final Iterator<? extends ScoringUnit> units;
    private final SpikeStatistics noSpikes;

    Scoring(
            Decoder decoder,
            UnitPlanner planner,
            List<PerplexityProtocol> protocols,
            TokenScorer.Options options,
            Iterator<? extends ScoringUnit> units) {
        super(decoder, options.timeoutSeconds());
        this.planner = planner;
        this.protocols = protocols;
        this.options = options;
        this.units = units;
        this.noSpikes = SpikeStatistics.none(decoder.model().config().populations());
    }

    @Override
    protected boolean hasMore() {
        return units.hasNext();
    }

    @Override
    protected void compose() {
        int free = decoder().maxColumns();
        Optional<UnitCursor> current = active().stream().findFirst(); // at most one is left from the previous pass
        while (free > 0) {
            if (current.isEmpty()) {
                current = open();
            }
            if (current.isEmpty()) {
                return;
            }
            free -= feed(current.get(), free);
            if (!current.get().fed()) {
                return;
            }
            current = Optional.empty();
        }
    }

    /** The next unit that can be scored in this pass, if there is one. */
    private Optional<UnitCursor> open() {
        while (!hasResults() && units.hasNext()) {
            Optional<UnitCursor> opened = open(units.next());
            if (opened.isPresent()) {
                admit(opened.get());
                return opened;
            }
        }
        return Optional.empty();
    }

    private Optional<UnitCursor> open(ScoringUnit unit) {
        boolean isNull = unit == null
                || unit.rowId() == null
                || unit instanceof ScoringDocument document && document.text() == null;
        if (isNull) {
            finish(error(unit, "null_input", "the document, its row id or its text is null"));
            return Optional.empty();
        }
        UnitPlan plan;
        try {
            plan = planner.plan(unit);
        } catch (RuntimeException e) {
            finish(error(unit, "engine_error", "the tokenizer failed: " + e));
            return Optional.empty();
        }
        NllAccumulator[] tallies = new NllAccumulator[plan.windows().size()];
        boolean isWindow = unit instanceof ScoringWindow;
        for (int i = 0; i < tallies.length; i++) {
            tallies[i] = new NllAccumulator(
                    plan.scored(i), noSpikes, isWindow || options.tokenScores(), options.tokenScores());
        }
        UnitCursor cursor = new UnitCursor(
                plan,
                tallies,
                new TokenMeasure(options.tokenScores()),
                new OwnedStates(decoder()),
                new UnitProgress(options.progress(), plan, options.tokenScores()));
        if (plan.runs().isEmpty()) {
            finish(result(cursor));
            return Optional.empty();
        }
        return Optional.of(cursor);
    }

    @Override
    protected UnitScores failure(UnitCursor unit, RuntimeException cause) {
        return error(unit.plan().unit(), "engine_error", cause.toString());
    }

    @Override
    protected UnitScores timeout(UnitCursor unit) {
        String message = "the document was not scored within " + options.timeoutSeconds()
                + " s: allow more time, or cut it into several";
        return error(unit.plan().unit(), "timeout", message);
    }

    @Override
    protected UnitScores result(UnitCursor cursor) {
        UnitPlan plan = cursor.plan();
        if (!(plan.unit() instanceof ScoringDocument document)) {
            DocumentScore score = DocumentScore.of(
                    plan.unit().rowId(), WINDOW, plan.tokens(), TextLength.NONE, cursor.tallies()[0], plan.edges());
            return new UnitScores(plan.unit().rowId(), List.of(score));
        }
        TextLength length = TextLength.of(document.text());
        List<DocumentScore> scores = new ArrayList<>();
        for (int i = 0; i < protocols.size(); i++) {
            scores.add(score(protocols.get(i), i, cursor, length));
        }
        return new UnitScores(document.rowId(), scores);
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

    private UnitScores error(ScoringUnit unit, String errorClass, String message) {
        String rowId = unit == null ? null : unit.rowId();
        if (unit instanceof ScoringWindow) {
            return new UnitScores(
                    rowId, List.of(DocumentScore.error(rowId, WINDOW, TextLength.NONE, errorClass, message)));
        }
        boolean hasText = unit instanceof ScoringDocument document && document.text() != null;
        TextLength length = hasText ? TextLength.of(((ScoringDocument) unit).text()) : TextLength.NONE;
        return new UnitScores(
                rowId,
                protocols.stream()
                        .map(protocol -> DocumentScore.error(rowId, protocol.name(), length, errorClass, message))
                        .toList());
    }
}
