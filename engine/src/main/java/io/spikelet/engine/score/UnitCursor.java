package io.spikelet.engine.score;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.telemetry.OperationCounts;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.util.List;

/** How far one unit has been fed and scored. Not thread-safe. */
final class UnitCursor {
    private final UnitPlan plan;
    private final List<ScoringRun> runs;
    private final NllAccumulator[] tallies; // (protocol)
    private final TokenMeasure measure;
    private final long startNanos = System.nanoTime();
    private DecoderState state; // of the run that is being fed
    private int fedRuns;
    private int next; // token to feed, if a run is being fed
    private int doneRuns;
    private boolean abandoned;

    /** @param plan with at least one run */
    UnitCursor(UnitPlan plan, NllAccumulator[] tallies, TokenMeasure measure) {
        this.plan = plan;
        this.runs = plan.runs();
        this.tallies = tallies;
        this.measure = measure;
    }

    UnitPlan plan() {
        return plan;
    }

    NllAccumulator[] tallies() {
        return tallies;
    }

    /** Whether every token stands in a pass. */
    boolean fed() {
        return fedRuns == runs.size();
    }

    /** Whether everything has been collected. */
    boolean done() {
        return doneRuns == runs.size();
    }

    double secondsSinceStart() {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    boolean abandoned() {
        return abandoned;
    }

    /** Whether there is memory for what {@link #feed} would begin. */
    boolean fits(Decoder decoder) {
        return state != null || decoder.fits(runs.get(fedRuns).positions());
    }

    /** Puts up to {@code most} tokens of the next run into the pass; a run has one span in a pass. */
    Span feed(Decoder decoder, int most) {
        ScoringRun run = runs.get(fedRuns);
        if (state == null) {
            state = decoder.allocate(run.positions());
            next = run.begin();
        }
        int first = next;
        int columns = Math.min(most, run.stopAfter(first) - first);
        int firstColumn = -1;
        for (int i = 0; i < columns; i++) {
            int column = decoder.add(state, plan.input(run, first + i), run.scores(first + i + 1));
            firstColumn = i == 0 ? column : firstColumn;
        }
        next += columns;
        Span span = new Span(this, run, state, first, firstColumn, columns);
        if (span.endsRun()) {
            fedRuns++;
            state = null;
        }
        return span;
    }

    /** Adds what the pass says about a span. Spans must come in the order they were fed. */
    void collect(Decoder decoder, Span span) {
        for (int i = 0; i < span.columns(); i++) {
            int target = span.first() + i + 1;
            if (span.run().scores(target)) {
                int token = plan.sequence()[target];
                measure.take(decoder, decoder.logitsOffset(span.firstColumn() + i), token);
                for (ScoringRun.Part part : span.run().parts()) {
                    if (part.scores(target)) {
                        double weight = part.window().weight();
                        tallies[part.protocol()].add(target - plan.prefix(), token, weight, measure);
                    }
                }
            }
        }
        SpikeStatistics spikes = null;
        OperationCounts operations = null;
        for (ScoringRun.Part part : span.run().parts()) {
            if (part.window().end() == span.end()) {
                spikes = spikes == null ? decoder.spikes(span.state()) : spikes;
                operations = operations == null ? decoder.operations(span.state()) : operations;
                tallies[part.protocol()].add(spikes, operations);
            }
        }
        if (span.endsRun()) {
            decoder.release(span.state());
            doneRuns++;
        }
    }

    /** Forgets everything that was fed. */
    void restart(Decoder decoder) {
        release(decoder);
        fedRuns = 0;
        doneRuns = 0;
        for (NllAccumulator tally : tallies) {
            tally.clear();
        }
    }

    /** Ends the unit for good. */
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
}
