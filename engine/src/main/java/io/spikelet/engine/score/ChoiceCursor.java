package io.spikelet.engine.score;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.decode.InFlight;
import io.spikelet.engine.decode.OwnedStates;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The progress of one item: first the common prefix of its sequences, once; then, from copies of that state, the rest
 * of each sequence. Not thread-safe.
 */
final class ChoiceCursor implements InFlight {
    private final String rowId;
    private final OwnedStates states;
    private final List<ContinuationScore> continuations;
    private final Stretch trunk; // null if nothing has to be decoded
    private final List<Stretch> branches = new ArrayList<>();
    private final long startNanos = System.nanoTime();

    private final List<Part> parts = new ArrayList<>(); // of the pass

    /** What one stretch has in a pass. */
    private record Part(Stretch stretch, Stretch.Placement placement) {}

    ChoiceCursor(String rowId, List<ContinuationScore> continuations, OwnedStates states) {
        this.rowId = rowId;
        this.states = states;
        this.continuations = continuations;
        List<ContinuationScore> decoded = continuations.stream()
                .filter(continuation -> continuation.inputs() > 0)
                .toList();
        trunk = decoded.isEmpty() ? null : new Stretch(decoded, 0, common(decoded));
        for (ContinuationScore continuation : decoded) {
            if (continuation.inputs() > trunk.end()) {
                branches.add(new Stretch(List.of(continuation), trunk.end(), continuation.inputs()));
            }
        }
    }

    private static int common(List<ContinuationScore> decoded) {
        ContinuationScore first = decoded.getFirst();
        int common = first.inputs();
        for (ContinuationScore other : decoded) {
            int length = Math.min(common, other.inputs());
            int mismatch = Arrays.mismatch(first.sequence(), 0, length, other.sequence(), 0, length);
            common = mismatch < 0 ? length : mismatch;
        }
        return common;
    }

    String rowId() {
        return rowId;
    }

    @Override
    public OwnedStates states() {
        return states;
    }

    @Override
    public long startNanos() {
        return startNanos;
    }

    @Override
    public boolean caughtUp() {
        return done();
    }

    @Override
    public boolean done() {
        return trunk == null || (trunk.done() && branches.stream().allMatch(Stretch::done));
    }

    @Override
    public int feed(Decoder decoder, int most) {
        parts.clear();
        if (!trunk.fed()) {
            if (trunk.state() == null) {
                trunk.state(states.allocate(positions()));
            }
            return feed(trunk, decoder, most);
        }
        int free = most;
        if (trunk.done()) {
            for (int i = 0; i < branches.size() && free > 0; i++) {
                Stretch branch = branches.get(i);
                if (!branch.fed()) {
                    if (branch.state() == null) {
                        branch.state(fork(i == branches.size() - 1));
                    }
                    free -= feed(branch, decoder, free);
                }
            }
        }
        return most - free;
    }

    private int feed(Stretch stretch, Decoder decoder, int most) {
        Stretch.Placement placement = stretch.feed(decoder, most);
        parts.add(new Part(stretch, placement));
        return placement.columns();
    }

    /** The last branch continues with the trunk's own state. */
    private DecoderState fork(boolean isLast) {
        DecoderState shared = trunk.state();
        if (isLast && shared != null) {
            trunk.state(null);
            return shared;
        }
        DecoderState state = states.allocate(positions());
        if (shared != null) {
            state.copyFrom(shared);
        }
        return state;
    }

    private int positions() {
        return branches.stream().mapToInt(Stretch::end).max().orElse(trunk.end());
    }

    @Override
    public void collect(Decoder decoder) {
        for (Part part : parts) {
            Stretch stretch = part.stretch();
            stretch.collect(decoder, part.placement());
            if (stretch.done() && (stretch != trunk || branches.isEmpty())) {
                stretch.release(states);
            }
        }
        parts.clear();
    }

    @Override
    public void restart() {
        states.close();
        parts.clear();
        trunk.restart();
        branches.forEach(Stretch::restart);
        continuations.forEach(ContinuationScore::restart);
    }

    /** The result of an item that is done. */
    ChoiceScore score() {
        int n = continuations.size();
        double[] logLikelihoods = new double[n];
        int[] tokens = new int[n];
        boolean[] greedy = new boolean[n];
        for (int i = 0; i < n; i++) {
            logLikelihoods[i] = continuations.get(i).logLikelihood();
            tokens[i] = continuations.get(i).tokens();
            greedy[i] = continuations.get(i).greedy();
        }
        long decoded = trunk == null
                ? 0
                : trunk.length() + branches.stream().mapToLong(Stretch::length).sum();
        return new ChoiceScore(rowId, logLikelihoods, tokens, greedy, decoded, null, null);
    }
}
