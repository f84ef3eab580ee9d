package io.spikelet.engine.decode;

import io.spikelet.engine.kernel.Entropy;
import io.spikelet.engine.kernel.Exp;
import io.spikelet.engine.kernel.Kernels;
import java.util.Arrays;

/**
 * Chooses the next id from one position's logits: greedily, or with the steps of a published sampler in their original
 * order (see {@link SamplingParams}); additional steps come between them and are off by default. The draw inverts the
 * cumulative distribution of the surviving ids, largest logit first. The same arguments give the same id on every
 * machine.
 *
 * <p>Ids from {@code vocabulary} on are never produced; they are masked before the entropy is measured.
 *
 * <p>Not thread-safe; one per task. Allocates nothing per call.
 */
final class Sampler {
    private static final double LEAST_DIVISOR = 1e-6;

    private final Kernels kernels;
    private final int modelVocabulary;
    private final int lineFeed; // the id of a line feed, or -1
    private final float[] values; // (id): logits after the rules, then divided by the temperature
    private final RankedIds ranks;
    private float max;
    private double total;
    private int survivors;

    /**
     * @param modelVocabulary logits that the model has per position; the entropy is relative to their number
     * @param vocabulary logits passed per position; the other ids are masked
     */
    Sampler(Kernels kernels, int modelVocabulary, int vocabulary) {
        this(kernels, modelVocabulary, vocabulary, -1);
    }

    /** @param lineFeed the id whose text is a line feed, or -1 */
    Sampler(Kernels kernels, int modelVocabulary, int vocabulary, int lineFeed) {
        if (vocabulary < 1 || vocabulary > modelVocabulary) {
            throw new IllegalArgumentException(
                    "vocabulary is " + vocabulary + "; it must be 1 to the model's " + modelVocabulary);
        }
        this.kernels = kernels;
        this.modelVocabulary = modelVocabulary;
        this.lineFeed = lineFeed;
        this.values = new float[vocabulary];
        this.ranks = new RankedIds(values);
    }

    /**
     * The next id, from {@code logits[offset .. offset + vocabulary)}, which are not modified.
     *
     * @param uniform in [0, 1); unused by the greedy policy
     * @throws ArithmeticException if there is no finite largest logit
     */
    int sample(float[] logits, int offset, LogitsProcessor rules, double uniform) {
        if (rules.params().policy().isGreedy()) {
            return greedy(logits, offset, rules);
        }
        distribute(logits, offset, rules);
        return draw(uniform);
    }

    /** Writes the probability with which {@link #sample} returns each id to {@code out[0 .. vocabulary)}. */
    void probabilities(float[] logits, int offset, LogitsProcessor rules, double[] out) {
        Arrays.fill(out, 0, values.length, 0);
        if (rules.params().policy().isGreedy()) {
            out[greedy(logits, offset, rules)] = 1;
            return;
        }
        distribute(logits, offset, rules);
        for (int i = 0; i < survivors; i++) {
            int id = survivors == ranks.size() ? ranks.selected(i) : ranks.id(i);
            out[id] = weight(id) / total;
        }
    }

    private int greedy(float[] logits, int offset, LogitsProcessor rules) {
        if (rules.none()) {
            SoftmaxStatistics.finiteMax(kernels, logits, offset, values.length);
            return kernels.argmax(logits, offset, values.length);
        }
        load(logits, offset, rules);
        return kernels.argmax(values, 0, values.length);
    }

    /** Stores the ids that are kept in {@link #ranks} and the sum of their weights in {@link #total}. */
    private void distribute(float[] logits, int offset, LogitsProcessor rules) {
        load(logits, offset, rules);
        SamplingParams params = rules.params();
        float divisor = (float) Math.max(temperature(params), LEAST_DIVISOR);
        boolean tempersLast = params.policy().tempersLast();
        if (!tempersLast) {
            divide(divisor);
        }
        select(params);
        survivors = ranks.size();
        total = survivors == values.length ? kernels.expSum(values, 0, values.length, max) : selectedWeight();
        float topP = topP(rules);
        if (topP < 1) {
            keepNucleus(topP, tempersLast);
        }
        if (params.minP() > 0) {
            keepLikely(params.minP());
        }
        if (tempersLast) {
            divide(divisor);
            total = survivingWeight();
        }
    }

    private float topP(LogitsProcessor rules) {
        float chosen = rules.params().topP();
        return lineFeed >= 0 && rules.last() == lineFeed
                ? rules.params().policy().topPAfterLineFeed(chosen, modelVocabulary)
                : chosen;
    }

    private void divide(float divisor) {
        for (int i = 0; i < values.length; i++) {
            values[i] /= divisor;
        }
        max /= divisor;
    }

    private double survivingWeight() {
        double sum = 0;
        for (int rank = 0; rank < survivors; rank++) {
            sum += weight(ranks.id(rank));
        }
        return sum;
    }

    private void load(float[] logits, int offset, LogitsProcessor rules) {
        System.arraycopy(logits, offset, values, 0, values.length);
        rules.apply(values);
        int never = rules.params().policy().neverDrawn();
        if (never >= 0 && never < values.length) {
            values[never] = Float.NEGATIVE_INFINITY;
        }
        max = SoftmaxStatistics.finiteMax(kernels, values, 0, values.length);
    }

    private double temperature(SamplingParams params) {
        double base = params.temperature();
        if (!params.adaptiveTemperature() || !params.policy().isAdaptive()) {
            return base;
        }
        double entropy = Entropy.clamped(kernels, values, 0, values.length, modelVocabulary - values.length);
        return params.policy().temperature(base, entropy, values.length, modelVocabulary);
    }

    private void select(SamplingParams params) {
        int count = params.topK();
        if (count == 0 || count >= values.length) {
            ranks.selectAll();
        } else if (params.policy().keepsTies()) {
            ranks.selectFirstWithTies(count);
        } else {
            ranks.selectFirst(count);
        }
    }

    /**
     * Drops every id whose predecessors have a total probability above {@code topP}; the id that crosses the limit is
     * kept.
     *
     * @param withTies whether other ids with its probability are kept too
     */
    private void keepNucleus(double topP, boolean withTies) {
        double cumulative = 0;
        int kept = 0;
        while (kept < survivors && cumulative / total <= topP) {
            cumulative += weight(ranks.id(kept++));
        }
        while (withTies && kept < survivors && probability(ranks.id(kept)) == probability(ranks.id(kept - 1))) {
            cumulative += weight(ranks.id(kept++));
        }
        survivors = kept;
        total = cumulative;
    }

    /** Drops every id whose probability is below the share {@code minP} of that of the first id, which has weight 1. */
    private void keepLikely(double minP) {
        double cumulative = 0;
        int kept = 0;
        while (kept < survivors && (kept == 0 || weight(ranks.id(kept)) >= minP)) {
            cumulative += weight(ranks.id(kept++));
        }
        survivors = kept;
        total = cumulative;
    }

    private int draw(double uniform) {
        double target = uniform * total;
        double cumulative = 0;
        int id = ranks.id(0);
        for (int rank = 0; rank < survivors; rank++) {
            double weight = weight(ranks.id(rank));
            if (weight == 0) {
                break; // no later id can be drawn
            }
            id = ranks.id(rank);
            cumulative += weight;
            if (cumulative > target) {
                break;
            }
        }
        return id; // the last possible one if rounding left the sum short of the target
    }

    private double selectedWeight() {
        double sum = 0;
        for (int i = 0; i < ranks.size(); i++) {
            sum += weight(ranks.selected(i));
        }
        return sum;
    }

    private float probability(int id) {
        return (float) (weight(id) / total);
    }

    private double weight(int id) {
        return Exp.exp((double) values[id] - max);
    }
}
