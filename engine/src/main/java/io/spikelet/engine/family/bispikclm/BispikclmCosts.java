package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.kernel.HeadBits;
import io.spikelet.engine.model.CostModel;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.TensorEntry;
import io.spikelet.engine.model.TokenCost;
import io.spikelet.engine.telemetry.SpikeStatistics;
import io.spikelet.engine.tensor.Layout;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;

/**
 * Counts the bytes and the operations of a token from the shapes of a model and its measured firing rates.
 *
 * <p>Counted: one weight vector for each input that is active in any step of any column, as if steps and columns fired
 * independently, and in each step an addition for each of its elements; every vector where the input is a sum of
 * several banks that no neuron has converted back to bits; the panels of products with an analogue input, once per
 * step; the head's rows of the vocabulary in use; the bits of all visible keys and values; in attention, two operations
 * on each word of each key (AND, then a comparison or a population count), and where values are summed, an addition for
 * each of their ones at a key that fired. Not counted: the OR of values (it ends as soon as every channel is set),
 * neurons, and norms.
 */
final class BispikclmCosts implements CostModel {
    private final BispikclmConfig config;
    private final Map<String, TensorEntry> tensors = new HashMap<>();
    private final int vocabulary;

    /** @param vocabulary number of logits per token */
    BispikclmCosts(BispikclmConfig config, ModelManifest manifest, int vocabulary) {
        this.config = config;
        this.vocabulary = vocabulary;
        manifest.tensors().forEach(entry -> tensors.put(entry.name(), entry));
    }

    @Override
    public TokenCost decode(int batch, int from, int positions, SpikeStatistics fired) {
        return cost(batch, meanKeys(from, positions), 1, fired);
    }

    @Override
    public TokenCost decodeDense(int from, int positions) {
        return cost(1, meanKeys(from, positions), 1, null);
    }

    @Override
    public TokenCost prompt(int tokens, int block, double logitsShare, SpikeStatistics fired) {
        int columns = Math.min(block, tokens);
        return cost(columns, meanKeys(0, tokens), logitsShare, fired);
    }

    /** @param fired null if every input is visited */
    private TokenCost cost(int columns, double keys, double logitsShare, SpikeStatistics fired) {
        double keyValueBits = 2.0 * config.layers() * config.steps() * config.width() * keys;
        return new TokenCost(
                (bodyBytes() + logitsShare * headBytes()) / columns,
                selectedBytes(columns, fired) / columns,
                keyValueBits / Byte.SIZE,
                bodyMultiplyAdds() + logitsShare * headMultiplyAdds(),
                0,
                additions(fired) + summedValues(keys, fired),
                2 * comparedWords() * keys);
    }

    private double selectedBytes(int columns, SpikeStatistics fired) {
        return visited(fired, (linear, rate) -> vectorBytes(linear) * union(rate, columns));
    }

    /**
     * Additions of weights: an active input adds its vector in each step, counted once even if the input is an integer
     * above 1.
     */
    private double additions(SpikeStatistics fired) {
        return visited(fired, (linear, rate) -> vectorElements(linear) * rate * config.steps());
    }

    /**
     * The sum over all linear layers with spike inputs.
     *
     * @param fired null if every input is visited
     * @param work the work of a linear layer, from the share of its inputs that are active in a step
     */
    private double visited(SpikeStatistics fired, ToDoubleBiFunction<String, Double> work) {
        double sum = 0;
        for (int layer = 0; layer < config.layers(); layer++) {
            String block = BispikclmTensors.layer(layer);
            double entering = entering(layer, fired);
            for (String linear : BispikclmTensors.QKV) {
                sum += work.applyAsDouble(block + linear, entering);
            }
            sum += work.applyAsDouble(
                    block + BispikclmTensors.OUT, config.contextSpike() ? rate(fired, Bank.CONTEXT, layer) : 1);
            sum += work.applyAsDouble(block + BispikclmTensors.FC1, residual(layer, entering, fired));
            sum += work.applyAsDouble(block + BispikclmTensors.FC2, rate(fired, Bank.HIDDEN, layer));
        }
        return sum;
    }

    /** Words of a key, over all heads, steps and layers. */
    private double comparedWords() {
        int words = new HeadBits(config.heads(), config.headDim()).headWords();
        return (double) config.layers() * config.steps() * words;
    }

    /** Number of ones in values at keys that fired, as if channels fired independently; 0 where only the OR is needed. */
    private double summedValues(double keys, SpikeStatistics fired) {
        if (config.contextSpike() && config.integerNeuronsForget()) {
            return 0;
        }
        double ones = 0;
        for (int layer = 0; layer < config.layers(); layer++) {
            double both = rate(fired, Bank.QUERY, layer) * rate(fired, Bank.KEY, layer);
            double firing = config.integerNeuronsForget() ? 1 - Math.pow(1 - both, config.headDim()) : 0;
            ones += firing * rate(fired, Bank.VALUE, layer);
        }
        return config.steps() * ones * config.width() * keys;
    }

    private double entering(int layer, SpikeStatistics fired) {
        if (config.attentionInput(layer) != StreamKind.BITS || fired == null) {
            return 1;
        }
        return layer == 0 ? fired.rates(Bank.INPUT)[0] : rate(fired, Bank.BLOCK_OUTPUT, layer - 1);
    }

    private double residual(int layer, double entering, SpikeStatistics fired) {
        if (config.residualSpike()) {
            return rate(fired, Bank.RESIDUAL, layer);
        }
        return 1 - (1 - entering) * (1 - rate(fired, Bank.ATTENTION_OUTPUT, layer));
    }

    private static double rate(SpikeStatistics fired, Bank bank, int layer) {
        return fired == null ? 1 : fired.rates(bank.label())[layer];
    }

    /** Share of inputs that are active in at least one step of one column. */
    private double union(double rate, int columns) {
        return 1 - Math.pow(1 - rate, (double) columns * config.steps());
    }

    /** Bytes of all weight vectors of a linear layer with spike inputs; 0 if its input is analogue. */
    private double vectorBytes(String linear) {
        TensorEntry entry = tensors.get(BispikclmTensors.weight(linear));
        return entry.layout() == Layout.INPUT_MAJOR ? entry.length() : 0;
    }

    private double vectorElements(String linear) {
        TensorEntry entry = tensors.get(BispikclmTensors.weight(linear));
        return entry.layout() == Layout.INPUT_MAJOR ? entry.elements() : 0;
    }

    private double bodyBytes() {
        return tensors.values().stream()
                .filter(entry -> entry.layout() == Layout.PANEL && !isHead(entry))
                .mapToDouble(TensorEntry::length)
                .sum();
    }

    private double bodyMultiplyAdds() {
        return config.steps()
                * tensors.values().stream()
                        .filter(entry -> entry.layout() == Layout.PANEL && !isHead(entry))
                        .mapToDouble(TensorEntry::elements)
                        .sum();
    }

    private double headBytes() {
        TensorEntry head = tensors.get(BispikclmTensors.weight(BispikclmTensors.HEAD));
        return Layout.PANEL.elements(Math.min(vocabulary, head.outputs()), head.inputs())
                * (double) head.dtype().bytes();
    }

    private double headMultiplyAdds() {
        return Math.min(vocabulary, config.vocabSize()) * (double) config.width();
    }

    private static boolean isHead(TensorEntry entry) {
        return entry.name().equals(BispikclmTensors.weight(BispikclmTensors.HEAD));
    }

    /** Mean number of keys that a query sees, its own included, over {@code count} positions. */
    private static double meanKeys(int from, int count) {
        return from + (count + 1) / 2.0;
    }
}
