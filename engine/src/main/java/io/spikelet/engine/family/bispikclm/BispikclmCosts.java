package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.model.CostModel;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.TensorEntry;
import io.spikelet.engine.model.TokenCost;
import io.spikelet.engine.telemetry.SpikeStatistics;
import io.spikelet.engine.tensor.Layout;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts the bytes and the multiply-adds of a token from the shapes of a model and its measured firing rates.
 *
 * <p>Counted: one weight vector for each input that is active in any step of any column, as if steps and columns fired
 * independently; where the input is a sum of several banks that no neuron has made bits again, every vector; the panels of
 * products with an analogue input, once a step; the head's rows below the vocabulary in use; the bits of all visible keys and
 * values. Additions are not multiply-adds and are not counted.
 */
final class BispikclmCosts implements CostModel {
    private final BispikclmConfig config;
    private final Map<String, TensorEntry> tensors = new HashMap<>();
    private final int vocabulary;

    /** @param vocabulary logits that a token gets */
    BispikclmCosts(BispikclmConfig config, ModelManifest manifest, int vocabulary) {
        this.config = config;
        this.vocabulary = vocabulary;
        manifest.tensors().forEach(entry -> tensors.put(entry.name(), entry));
    }

    @Override
    public TokenCost decode(int batch, int from, int positions, SpikeStatistics fired) {
        return cost(batch, meanKeys(from, positions), 1, selectedBytes(batch, fired));
    }

    @Override
    public TokenCost decodeDense(int from, int positions) {
        return cost(1, meanKeys(from, positions), 1, selectedBytes(1, null));
    }

    @Override
    public TokenCost prompt(int tokens, int block, double logitsShare, SpikeStatistics fired) {
        int columns = Math.min(block, tokens);
        return cost(columns, meanKeys(0, tokens), logitsShare, selectedBytes(columns, fired));
    }

    @Override
    public TokenCost denseProducts() {
        return new TokenCost(bodyBytes() + headBytes(), 0, 0, bodyMultiplyAdds() + headMultiplyAdds(), 0);
    }

    private TokenCost cost(int columns, double keys, double logitsShare, double spikeBytes) {
        double keyValueBits = 2.0 * config.layers() * config.steps() * config.width() * keys;
        return new TokenCost(
                (bodyBytes() + logitsShare * headBytes()) / columns,
                spikeBytes / columns,
                keyValueBits / Byte.SIZE,
                bodyMultiplyAdds() + logitsShare * headMultiplyAdds(),
                0);
    }

    /** @param fired null if every input is visited */
    private double selectedBytes(int columns, SpikeStatistics fired) {
        double bytes = 0;
        for (int layer = 0; layer < config.layers(); layer++) {
            String block = BispikclmTensors.layer(layer);
            double entering = entering(layer, fired);
            for (String linear : BispikclmTensors.QKV) {
                bytes += vectorBytes(block + linear) * union(entering, columns);
            }
            bytes += vectorBytes(block + BispikclmTensors.OUT)
                    * union(config.contextSpike() ? rate(fired, Bank.CONTEXT, layer) : 1, columns);
            bytes += vectorBytes(block + BispikclmTensors.FC1) * union(residual(layer, entering, fired), columns);
            bytes += vectorBytes(block + BispikclmTensors.FC2) * union(rate(fired, Bank.HIDDEN, layer), columns);
        }
        return bytes;
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

    /** Share of inputs that at least one step of one column selects. */
    private double union(double rate, int columns) {
        return 1 - Math.pow(1 - rate, (double) columns * config.steps());
    }

    /** All vectors of a linear whose input is counted; one with an analogue input has none. */
    private double vectorBytes(String linear) {
        TensorEntry entry = tensors.get(BispikclmTensors.weight(linear));
        return entry.layout() == Layout.INPUT_MAJOR ? entry.length() : 0;
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

    /** Keys that a query sees, itself included, on average over {@code count} positions. */
    private static double meanKeys(int from, int count) {
        return from + (count + 1) / 2.0;
    }
}
