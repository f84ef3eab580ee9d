package io.spikelet.engine.score;

import io.spikelet.engine.telemetry.OperationCounts;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The sums of one unit under one protocol; tokens are added in order. Not thread-safe. */
final class NllAccumulator {
    private final SpikeStatistics noSpikes;
    private final boolean keepsTokens;
    private final boolean keepsRanks;
    private int[] positions; // this and the following arrays: (scored token)
    private int[] tokenIds;
    private double[] nlls;
    private double[] weights;
    private int[] ranks;
    private double[] entropies;
    private int count;
    private double nll;
    private double nllSquared;
    private double weight;
    private SpikeStatistics spikes; // of the finished windows
    private OperationCounts operations = OperationCounts.NONE; // of the finished windows

    /**
     * @param scoredTokens number of tokens that will be added
     * @param keepsTokens whether {@link #scores} is present
     * @param keepsRanks whether the scores include ranks and entropies
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

    /** @param edges of the unit's tokens; empty if they were not located */
    Optional<TokenScores> scores(int[] edges) {
        if (!keepsTokens) {
            return Optional.empty();
        }
        boolean located = edges.length > 0;
        int[] begins = located ? Arrays.stream(positions).map(i -> edges[i]).toArray() : edges;
        int[] ends = located ? Arrays.stream(positions).map(i -> edges[i + 1]).toArray() : edges;
        return Optional.of(new TokenScores(positions, tokenIds, nlls, weights, ranks, entropies, begins, ends));
    }

    /** Writes the sums of the tokens so far, for {@link #read}. */
    void write(DataOutput out) throws IOException {
        out.writeInt(count);
        out.writeDouble(nll);
        out.writeDouble(nllSquared);
        out.writeDouble(weight);
        for (int i = 0; keepsTokens && i < count; i++) {
            out.writeInt(positions[i]);
            out.writeInt(tokenIds[i]);
            out.writeDouble(nlls[i]);
            out.writeDouble(weights[i]);
            if (keepsRanks) {
                out.writeInt(ranks[i]);
                out.writeDouble(entropies[i]);
            }
        }
        out.writeLong(spikes.positions());
        for (long spiked : spikes.spikes()) {
            out.writeLong(spiked);
        }
        write(out, operations.accumulates());
        write(out, operations.multiplyAdds());
        out.writeLong(operations.denseMultiplyAdds());
    }

    private static void write(DataOutput out, Map<String, Long> counts) throws IOException {
        out.writeInt(counts.size());
        for (Map.Entry<String, Long> entry : counts.entrySet()) {
            out.writeUTF(entry.getKey());
            out.writeLong(entry.getValue());
        }
    }

    /** Restores the sums that were written for the same unit. */
    void read(DataInput in) throws IOException {
        count = in.readInt();
        nll = in.readDouble();
        nllSquared = in.readDouble();
        weight = in.readDouble();
        for (int i = 0; keepsTokens && i < count; i++) {
            positions[i] = in.readInt();
            tokenIds[i] = in.readInt();
            nlls[i] = in.readDouble();
            weights[i] = in.readDouble();
            if (keepsRanks) {
                ranks[i] = in.readInt();
                entropies[i] = in.readDouble();
            }
        }
        long spikingPositions = in.readLong();
        long[] counts = new long[noSpikes.spikes().length];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = in.readLong();
        }
        spikes = new SpikeStatistics(spikingPositions, noSpikes.populations(), counts);
        operations = new OperationCounts(counts(in), counts(in), in.readLong());
    }

    private static Map<String, Long> counts(DataInput in) throws IOException {
        Map<String, Long> counts = new LinkedHashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            counts.put(in.readUTF(), in.readLong());
        }
        return counts;
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
