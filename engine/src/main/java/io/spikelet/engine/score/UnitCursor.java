package io.spikelet.engine.score;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.decode.InFlight;
import io.spikelet.engine.decode.OwnedStates;
import io.spikelet.engine.telemetry.OperationCounts;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The progress of one unit. Not thread-safe. */
final class UnitCursor implements InFlight {
    private final UnitPlan plan;
    private final List<ScoringRun> runs;
    private final NllAccumulator[] tallies; // (protocol)
    private final TokenMeasure measure;
    private final OwnedStates states;
    private final UnitProgress progress;
    private final List<Span> spans = new ArrayList<>(); // of the pass
    private final long startNanos = System.nanoTime();
    private DecoderState state; // of the run that is being fed
    private int fedRuns;
    private int next; // token to feed, if a run is being fed
    private int doneRuns;
    private boolean begun;

    /** @param plan must have at least one run, unless the unit is never fed */
    UnitCursor(
            UnitPlan plan, NllAccumulator[] tallies, TokenMeasure measure, OwnedStates states, UnitProgress progress) {
        this.plan = plan;
        this.runs = plan.runs();
        this.tallies = tallies;
        this.measure = measure;
        this.states = states;
        this.progress = progress;
    }

    UnitPlan plan() {
        return plan;
    }

    NllAccumulator[] tallies() {
        return tallies;
    }

    @Override
    public OwnedStates states() {
        return states;
    }

    /** Whether every token has been added to a pass. */
    boolean fed() {
        return fedRuns == runs.size();
    }

    @Override
    public boolean done() {
        return doneRuns == runs.size();
    }

    @Override
    public boolean caughtUp() {
        return done();
    }

    @Override
    public long startNanos() {
        return startNanos;
    }

    /** Adds runs to the pass one after the other, as long as there are columns, and memory for a state per run. */
    @Override
    public int feed(Decoder decoder, int most) {
        spans.clear();
        if (!begun) {
            begun = true;
            progress.find().ifPresent(this::goOn);
        }
        int free = most;
        while (free > 0 && !fed()) {
            ScoringRun run = runs.get(fedRuns);
            if (state == null) {
                if (decoder.columns() > 0 && !states.fits(run.positions())) {
                    break; // the states of this pass are returned after it
                }
                state = states.allocate(run.positions());
                next = run.begin();
            }
            Span span = feed(decoder, run, free);
            spans.add(span);
            free -= span.columns();
            if (!span.endsRun()) {
                break; // the pass is full, or spikes have to be counted here
            }
            fedRuns++;
            state = null;
        }
        return most - free;
    }

    private Span feed(Decoder decoder, ScoringRun run, int most) {
        int first = next;
        int columns = Math.min(most, run.stopAfter(first) - first);
        int firstColumn = decoder.columns();
        for (int i = 0; i < columns; i++) {
            decoder.add(state, plan.input(run, first + i), run.scores(first + i + 1));
        }
        next += columns;
        return new Span(run, state, first, firstColumn, columns);
    }

    @Override
    public void collect(Decoder decoder) {
        for (Span span : spans) {
            collect(decoder, span);
        }
        spans.clear();
        if (done()) {
            progress.drop();
        } else if ((state == null || state.isPortable()) && progress.isDue()) {
            progress.keep(this::write);
        }
    }

    /** Writes the progress; called between passes, when at most one run is unfinished. */
    private void write(DataOutput out) throws IOException {
        out.writeInt(doneRuns);
        out.writeBoolean(state != null);
        if (state != null) {
            out.writeInt(next);
            state.write(out);
        }
        for (NllAccumulator tally : tallies) {
            tally.write(out);
        }
    }

    /** Restores the progress of an earlier process. */
    private void goOn(DataInput in) {
        try {
            doneRuns = in.readInt();
            fedRuns = doneRuns;
            if (in.readBoolean()) {
                state = states.allocate(runs.get(fedRuns).positions());
                next = in.readInt();
                state.read(in);
            }
            for (NllAccumulator tally : tallies) {
                tally.read(in);
            }
        } catch (IOException | RuntimeException e) {
            restart(); // written by another version, or no memory: start from the beginning
        }
    }

    private void collect(Decoder decoder, Span span) {
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
            states.release(span.state());
            doneRuns++;
        }
    }

    @Override
    public void restart() {
        states.close();
        state = null;
        spans.clear();
        fedRuns = 0;
        doneRuns = 0;
        for (NllAccumulator tally : tallies) {
            tally.clear();
        }
    }
}
