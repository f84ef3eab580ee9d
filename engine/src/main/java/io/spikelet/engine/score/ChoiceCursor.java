package io.spikelet.engine.score;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.decode.InFlight;
import io.spikelet.engine.decode.OwnedStates;
import io.spikelet.engine.telemetry.OperationCounts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The progress of one item: the common prefix of its sequences is decoded first and once, then the rest of each
 * sequence from a copy of that state. Not thread-safe.
 */
final class ChoiceCursor implements InFlight {
    private final String rowId;
    private final OwnedStates states;
    private final List<ContinuationScore> continuations;
    private final Stretch trunk; // null if nothing has to be decoded
    private final int shared; // positions of the trunk that are shared with other items
    private final DecoderState start; // state after these; null if the trunk begins at 0
    private final List<Stretch> branches = new ArrayList<>();
    private final long startNanos = System.nanoTime();

    private final List<Part> parts = new ArrayList<>(); // of the pass
    private OperationCounts ofTrunk = OperationCounts.NONE; // from the first position, once it is done
    private OperationCounts operations = OperationCounts.NONE; // of the trunk and of the branches that are done

    /** The positions of one stretch in a pass. */
    private record Part(Stretch stretch, Stretch.Placement placement) {}

    ChoiceCursor(String rowId, List<ContinuationScore> continuations, OwnedStates states, SharedPrefix prefix) {
        this.rowId = rowId;
        this.states = states;
        this.continuations = continuations;
        List<ContinuationScore> decoded = continuations.stream()
                .filter(continuation -> continuation.inputs() > 0)
                .toList();
        int common = decoded.isEmpty() ? 0 : common(decoded);
        shared = decoded.isEmpty() ? 0 : prefix.length(decoded, common);
        start = shared == 0 ? null : prefix.state();
        trunk = decoded.isEmpty() ? null : new Stretch(decoded, start == null ? 0 : shared, common);
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
                trunk.state(copyOf(start));
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
        DecoderState common = trunk.state();
        if (isLast && common != null) {
            trunk.state(null);
            return common;
        }
        return copyOf(common);
    }

    /** @param other null for a state at the start of a sequence */
    private DecoderState copyOf(DecoderState other) {
        DecoderState state = states.allocate(positions());
        if (other != null) {
            state.copyFrom(other);
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
            if (stretch.done()) {
                count(stretch, decoder.operations(stretch.state()));
                if (stretch != trunk || branches.isEmpty()) {
                    stretch.release(states);
                }
            }
        }
        parts.clear();
    }

    /**
     * The state of a branch also counts the trunk, and the state of the trunk also counts the shared positions before
     * it.
     */
    private void count(Stretch done, OperationCounts took) {
        if (done == trunk) {
            ofTrunk = took;
            operations = operations.plus(took);
        } else {
            operations = operations.plus(took.minus(ofTrunk));
        }
    }

    @Override
    public void restart() {
        states.close();
        parts.clear();
        ofTrunk = OperationCounts.NONE;
        operations = OperationCounts.NONE;
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
                : trunk.end()
                        - shared
                        + branches.stream().mapToLong(Stretch::length).sum();
        return new ChoiceScore(rowId, logLikelihoods, tokens, greedy, decoded, operations, null, null);
    }
}
