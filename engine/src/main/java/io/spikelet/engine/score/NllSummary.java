package io.spikelet.engine.score;

import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.ByteBuffer;

/**
 * Perplexity and its relatives over any number of documents. Exact up to the last step, so that the numbers do not depend
 * on the order of documents or on how they were spread over partial summaries. Not thread-safe.
 */
public final class NllSummary {
    private static final MathContext PRECISION = new MathContext(60);
    private static final int COUNTS = 4;

    private long documents;
    private long scoredTokens;
    private long bytes;
    private long words;
    private final ExactSum nll;
    private final ExactSum nllSquared;
    private final ExactSum nllTimesTokens;
    private final ExactSum tokensSquared;

    public NllSummary() {
        this(new ExactSum(), new ExactSum(), new ExactSum(), new ExactSum());
    }

    private NllSummary(ExactSum nll, ExactSum nllSquared, ExactSum nllTimesTokens, ExactSum tokensSquared) {
        this.nll = nll;
        this.nllSquared = nllSquared;
        this.nllTimesTokens = nllTimesTokens;
        this.tokensSquared = tokensSquared;
    }

    /** Adds a document; one that failed is not counted. */
    public void add(DocumentScore score) {
        if (!score.failed()) {
            add(score.scoredTokens(), score.length().bytes(), score.length().words(), score.nll());
        }
    }

    /** @param documentNll nats, the sum over the document's scored tokens */
    public void add(long documentTokens, long documentBytes, long documentWords, double documentNll) {
        documents++;
        scoredTokens += documentTokens;
        bytes += documentBytes;
        words += documentWords;
        double tokens = (double) documentTokens; // exact: below 2^53
        nll.add(documentNll);
        nllSquared.addProduct(documentNll, documentNll);
        nllTimesTokens.addProduct(documentNll, tokens);
        tokensSquared.addProduct(tokens, tokens);
    }

    /** Adds all documents of another summary, which keeps them. */
    public void merge(NllSummary other) {
        documents += other.documents;
        scoredTokens += other.scoredTokens;
        bytes += other.bytes;
        words += other.words;
        nll.merge(other.nll);
        nllSquared.merge(other.nllSquared);
        nllTimesTokens.merge(other.nllTimesTokens);
        tokensSquared.merge(other.tokensSquared);
    }

    public long documents() {
        return documents;
    }

    public long scoredTokens() {
        return scoredTokens;
    }

    public long bytes() {
        return bytes;
    }

    public long words() {
        return words;
    }

    /** Nats, the sum over all documents. */
    public double nll() {
        return nll.value();
    }

    /** exp(nll / scored tokens); NaN without tokens, like all that follow without what they divide by. */
    public double perplexity() {
        return expMean(scoredTokens);
    }

    /** nll / bytes / ln 2. */
    public double bitsPerByte() {
        return nll() / bytes / StrictMath.log(2);
    }

    /** exp(nll / bytes). */
    public double bytePerplexity() {
        return expMean(bytes);
    }

    /** exp(nll / words). */
    public double wordPerplexity() {
        return expMean(words);
    }

    /**
     * Standard error of {@link #perplexity}, documents being the units that were sampled: tokens of one document are not
     * independent. With R = nll / tokens the ratio estimator has the variance D / (D - 1) * sum over documents of (nll -
     * R tokens)^2 / (all tokens)^2, and the error of exp(R) is exp(R) times its root (delta method). NaN for fewer than
     * two documents.
     */
    public double standardError() {
        if (documents < 2 || scoredTokens == 0 || !Double.isFinite(nllSquared.value())) {
            return Double.NaN;
        }
        // the three terms nearly cancel, hence more digits than a double has
        BigDecimal ratio = new BigDecimal(nll()).divide(BigDecimal.valueOf(scoredTokens), PRECISION);
        BigDecimal crossed = ratio.multiply(new BigDecimal(nllTimesTokens.value()), PRECISION);
        BigDecimal squared =
                ratio.multiply(ratio, PRECISION).multiply(new BigDecimal(tokensSquared.value()), PRECISION);
        BigDecimal residual = new BigDecimal(nllSquared.value())
                .subtract(crossed.multiply(BigDecimal.TWO))
                .add(squared);
        double variance =
                Math.max(0, residual.doubleValue()) * documents / (documents - 1.0) / scoredTokens / scoredTokens;
        return perplexity() * Math.sqrt(variance);
    }

    /** The state for {@link #of}; equal summaries have equal states. */
    public byte[] state() {
        byte[][] sums = {nll.state(), nllSquared.state(), nllTimesTokens.state(), tokensSquared.state()};
        ByteBuffer state = ByteBuffer.allocate(COUNTS * Long.BYTES + sums.length * sums[0].length)
                .putLong(documents)
                .putLong(scoredTokens)
                .putLong(bytes)
                .putLong(words);
        for (byte[] sum : sums) {
            state.put(sum);
        }
        return state.array();
    }

    /**
     * The summary that had this {@link #state}.
     *
     * @throws IllegalArgumentException if the bytes are none
     */
    public static NllSummary of(byte[] state) {
        int sumBytes = (state.length - COUNTS * Long.BYTES) / 4;
        if (sumBytes < 0 || COUNTS * Long.BYTES + 4 * sumBytes != state.length) {
            throw new IllegalArgumentException(state.length + " bytes are not the state of a summary");
        }
        ByteBuffer in = ByteBuffer.wrap(state);
        long documents = in.getLong();
        long scoredTokens = in.getLong();
        long bytes = in.getLong();
        long words = in.getLong();
        ExactSum[] sums = new ExactSum[4];
        for (int i = 0; i < sums.length; i++) {
            byte[] sum = new byte[sumBytes];
            in.get(sum);
            sums[i] = ExactSum.of(sum);
        }
        NllSummary summary = new NllSummary(sums[0], sums[1], sums[2], sums[3]);
        summary.documents = documents;
        summary.scoredTokens = scoredTokens;
        summary.bytes = bytes;
        summary.words = words;
        return summary;
    }

    private double expMean(long units) {
        return StrictMath.exp(nll() / units); // 0 / 0 is NaN
    }
}
