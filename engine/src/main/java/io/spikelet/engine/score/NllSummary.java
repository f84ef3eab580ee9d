package io.spikelet.engine.score;

import java.io.Serializable;
import java.nio.ByteBuffer;

/**
 * Perplexity and related measures over any number of documents. Sums are exact and rounded only at the end, so the
 * numbers do not depend on the order of documents or on partial summaries.
 *
 * <p>Standard errors have documents as the sampling unit, because tokens of one document are not independent (delta
 * method, see {@link RatioSums}). Not thread-safe.
 */
public final class NllSummary implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final int COUNTS = 4;

    private long documents;
    private long scoredTokens;
    private long bytes;
    private long words;
    private final RatioSums byWeight; // nll over weight
    private final RatioSums byBytes; // nll over bytes
    private final ExactSum nllSquared; // over tokens

    public NllSummary() {
        this(new RatioSums(), new RatioSums(), new ExactSum());
    }

    private NllSummary(RatioSums byWeight, RatioSums byBytes, ExactSum nllSquared) {
        this.byWeight = byWeight;
        this.byBytes = byBytes;
        this.nllSquared = nllSquared;
    }

    /** Adds a document; failed documents are not counted. */
    public void add(DocumentScore score) {
        if (!score.failed()) {
            TextLength length = score.length();
            add(score.scoredTokens(), score.weight(), length.bytes(), length.words(), score.nll(), score.nllSquared());
        }
    }

    /**
     * Adds a document.
     *
     * @param weight total weight of its tokens: their number, unless the protocol weights them
     * @param documentWords 0 if unknown
     * @param documentNll nats, the weighted sum over the document's scored tokens
     * @param tokenNllSquared the weighted sum of the squares
     */
    public void add(
            long documentTokens,
            double weight,
            long documentBytes,
            long documentWords,
            double documentNll,
            double tokenNllSquared) {
        documents++;
        scoredTokens += documentTokens;
        bytes += documentBytes;
        words += documentWords;
        byWeight.add(documentNll, weight);
        byBytes.add(documentNll, documentBytes);
        nllSquared.add(tokenNllSquared);
    }

    /** Adds all documents of another summary, whose values are not changed. */
    public void merge(NllSummary other) {
        documents += other.documents;
        scoredTokens += other.scoredTokens;
        bytes += other.bytes;
        words += other.words;
        byWeight.merge(other.byWeight);
        byBytes.merge(other.byBytes);
        nllSquared.merge(other.nllSquared);
    }

    public long documents() {
        return documents;
    }

    /** Number of documents with at least one scored token, on which standard errors are based. */
    public long sampledDocuments() {
        return byWeight.units();
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
        return byWeight.numerator();
    }

    /** Total weight of the scored tokens. */
    public double weight() {
        return byWeight.denominator();
    }

    /** exp(nll / weight); NaN without tokens. */
    public double perplexity() {
        return StrictMath.exp(byWeight.ratio()); // 0 / 0 is NaN
    }

    /** Mean nll of a token times tokens, divided by bytes and by ln 2; NaN without bytes. */
    public double bitsPerByte() {
        return tokensPerWeight() * byBytes.ratio() / StrictMath.log(2);
    }

    /** exp(nll / bytes), with the nll of {@link #bitsPerByte}; NaN without bytes. */
    public double bytePerplexity() {
        return StrictMath.exp(tokensPerWeight() * byBytes.ratio());
    }

    /** exp(nll / words); NaN if the words were not counted. */
    public double wordPerplexity() {
        return words == 0 ? Double.NaN : StrictMath.exp(tokensPerWeight() * nll() / words);
    }

    /**
     * Standard error of {@link #perplexity}: the perplexity times the standard error of the mean nll. NaN unless at
     * least two documents have scored tokens.
     */
    public double standardError() {
        return perplexity() * byWeight.standardError();
    }

    /** Standard error of {@link #bitsPerByte}. NaN unless at least two documents have scored tokens. */
    public double bitsPerByteStandardError() {
        return tokensPerWeight() * byBytes.standardError() / StrictMath.log(2);
    }

    /**
     * Standard error of {@link #perplexity} as llama.cpp reports it, which treats all tokens as independent: perplexity
     * times the root of (mean nll² - (mean nll)²) / (tokens - 1). NaN for fewer than two tokens.
     */
    public double tokenStandardError() {
        double mean = byWeight.ratio();
        double variance = nllSquared.value() / weight() - mean * mean;
        return scoredTokens < 2 ? Double.NaN : perplexity() * Math.sqrt(Math.max(0, variance) / (scoredTokens - 1));
    }

    /** The state for {@link #of}; equal summaries have equal states. */
    public byte[] state() {
        byte[] first = byWeight.state();
        byte[] second = byBytes.state();
        byte[] third = nllSquared.state();
        return ByteBuffer.allocate(COUNTS * Long.BYTES + first.length + second.length + third.length)
                .putLong(documents)
                .putLong(scoredTokens)
                .putLong(bytes)
                .putLong(words)
                .put(first)
                .put(second)
                .put(third)
                .array();
    }

    /**
     * The summary that had this {@link #state}.
     *
     * @throws IllegalArgumentException if the bytes are invalid
     */
    public static NllSummary of(byte[] state) {
        byte[] sum = new ExactSum().state();
        byte[] ratio = new RatioSums().state();
        if (state.length != COUNTS * Long.BYTES + 2 * ratio.length + sum.length) {
            throw new IllegalArgumentException(state.length + " bytes are not the state of a summary");
        }
        ByteBuffer in = ByteBuffer.wrap(state);
        long documents = in.getLong();
        long scoredTokens = in.getLong();
        long bytes = in.getLong();
        long words = in.getLong();
        in.get(ratio);
        RatioSums byWeight = RatioSums.of(ratio);
        in.get(ratio);
        RatioSums byBytes = RatioSums.of(ratio);
        in.get(sum);
        NllSummary summary = new NllSummary(byWeight, byBytes, ExactSum.of(sum));
        summary.documents = documents;
        summary.scoredTokens = scoredTokens;
        summary.bytes = bytes;
        summary.words = words;
        return summary;
    }

    /** 1 exactly, unless the protocol weights tokens. */
    private double tokensPerWeight() {
        return scoredTokens / weight();
    }
}
