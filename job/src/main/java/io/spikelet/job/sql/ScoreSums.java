package io.spikelet.job.sql;

import io.spikelet.engine.score.Bootstrap;
import io.spikelet.engine.score.NllSummary;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;

/** The sums over documents from which a row of the summary is computed; serialized between tasks. Not thread-safe. */
public final class ScoreSums implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final int MEASURES = 4; // nll, weight, scored tokens, bytes

    private transient NllSummary summary;
    private transient Bootstrap bootstrap;

    ScoreSums(Confidence confidence) {
        this(new NllSummary(), new Bootstrap(confidence.seed(), confidence.replicates(), MEASURES));
    }

    private ScoreSums(NllSummary summary, Bootstrap bootstrap) {
        this.summary = summary;
        this.bootstrap = bootstrap;
    }

    /** As {@link NllSummary#add(long, double, long, long, double, double)}. */
    void add(String rowId, long tokens, double weight, long bytes, long words, double nll, double nllSquared) {
        summary.add(tokens, weight, bytes, words, nll, nllSquared);
        bootstrap.add(rowId, nll, weight, tokens, bytes);
    }

    void merge(ScoreSums other) {
        summary.merge(other.summary);
        bootstrap.merge(other.bootstrap);
    }

    /** One that was merged into the other. */
    static ScoreSums merged(ScoreSums one, ScoreSums other) {
        one.merge(other);
        return one;
    }

    NllSummary summary() {
        return summary;
    }

    Bootstrap.Interval perplexity() {
        return interval(perplexities());
    }

    Bootstrap.Interval bitsPerByte() {
        return interval(bitsPerBytes());
    }

    /** Perplexity in every replicate. */
    double[] perplexities() {
        return bootstrap.replicates(totals -> StrictMath.exp(totals[0] / totals[1]));
    }

    /** Bits per byte in every replicate. */
    double[] bitsPerBytes() {
        return bootstrap.replicates(totals -> totals[0] / totals[1] * totals[2] / totals[3] / StrictMath.log(2));
    }

    private Bootstrap.Interval interval(double[] replicates) {
        return Bootstrap.interval(summary.sampledDocuments() < 2 ? new double[0] : replicates);
    }

    byte[] state() {
        byte[] first = summary.state();
        byte[] second = bootstrap.state();
        return ByteBuffer.allocate(Integer.BYTES + first.length + second.length)
                .putInt(first.length)
                .put(first)
                .put(second)
                .array();
    }

    static ScoreSums of(byte[] state) {
        ByteBuffer in = ByteBuffer.wrap(state);
        byte[] first = new byte[in.getInt()];
        in.get(first);
        byte[] second = new byte[in.remaining()];
        in.get(second);
        return new ScoreSums(NllSummary.of(first), Bootstrap.of(second));
    }

    private void writeObject(ObjectOutputStream out) throws IOException {
        out.writeObject(state());
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
        ScoreSums sums = of((byte[]) in.readObject());
        summary = sums.summary;
        bootstrap = sums.bootstrap;
    }
}
