package io.spikelet.engine.score;

import io.spikelet.engine.telemetry.OperationCounts;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.util.Arrays;
import java.util.Optional;

/** The sums of one unit under one protocol; tokens come in their order. Not thread-safe. */
final class NllAccumulator {
    private final SpikeStatistics noSpikes;
    private final boolean keepsTokens;
    private final boolean keepsRanks;
    private int[] positions; // this and the others: (scored token)
    private int[] tokenIds;
    private double[] nlls;
    private double[] weights;
    private int[] ranks;
    private double[] entropies;
    private int count;
    private double nll;
    private double nllSquared;
    private double weight;
    private SpikeStatistics spikes; // of the windows that are done
    private OperationCounts operations = OperationCounts.NONE; // of the same

    /**
     * @param scoredTokens that will come
     * @param keepsTokens whether {@link #scores} has something
     * @param keepsRanks whether it has ranks and entropies
     */
    NllAccumulator(int scoredTokens, SpikeStatistics noSpikes, boolean keepsTokens, boolean keepsRanks) {
        this.noSpikes = noSpikes;
        this.spikes = noSpikes;
        this.keepsTokens = keepsTokens;
        this.keepsRanks = keepsRanks;
        int kept = keepsTokens ? scoredTokens : 0;
        this.positions = new int[kept];
        this.tokenIds = new int[kept];
        this.nlls = new double[kept];
        this.weights = new double[kept];
        this.ranks = new int[keepsRanks ? kept : 0];
        this.entropies = new double[keepsRanks ? kept : 0];
    }

    void add(int position, int tokenId, double tokenWeight, TokenMeasure token) {
        nll += tokenWeight * token.nll();
        nllSquared += tokenWeight * token.nll() * token.nll();
        weight += tokenWeight;
        if (keepsTokens) {
            positions[count] = position;
            tokenIds[count] = tokenId;
            nlls[count] = token.nll();
            weights[count] = tokenWeight;
        }
        if (keepsRanks) {
            ranks[count] = token.rank();
            entropies[count] = token.entropy();
        }
        count++;
    }

    /** Adds the spike and operation counts of a window. */
    void add(SpikeStatistics ofWindow, OperationCounts took) {
        spikes = spikes.merge(ofWindow);
        operations = operations.plus(took);
    }

    long scored() {
        return count;
    }

    /** Nats, weighted. */
    double nll() {
        return nll;
    }

    /** Squared nats, weighted. */
    double nllSquared() {
        return nllSquared;
    }

    double weight() {
        return weight;
    }

    SpikeStatistics spikes() {
        return spikes;
    }

    OperationCounts operations() {
        return operations;
    }

    /** @param edges of the unit's tokens, or empty if they were not located */
    Optional<TokenScores> scores(int[] edges) {
        if (!keepsTokens) {
            return Optional.empty();
        }
        boolean located = edges.length > 0;
        int[] begins = located ? Arrays.stream(positions).map(i -> edges[i]).toArray() : edges;
        int[] ends = located ? Arrays.stream(positions).map(i -> edges[i + 1]).toArray() : edges;
        return Optional.of(new TokenScores(positions, tokenIds, nlls, weights, ranks, entropies, begins, ends));
    }

    void clear() {
        count = 0;
        nll = 0;
        nllSquared = 0;
        weight = 0;
        spikes = noSpikes;
        operations = OperationCounts.NONE;
    }
}
