package io.spikelet.engine.family.spikegpt;

import io.spikelet.engine.kernel.RecurrentKernels;
import io.spikelet.engine.model.CostModel;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.TensorEntry;
import io.spikelet.engine.model.TokenCost;
import io.spikelet.engine.telemetry.SpikeStatistics;
import io.spikelet.engine.tensor.DType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts the bytes and the multiply-adds of a token. Every matrix is read completely once per pass, except {@code
 * ffn.value}: in a pass of one token its columns at exact zeros are skipped if there are enough of them. In a pass of
 * several tokens nothing is counted as skipped, which is too much where more than seven of eight values are zeros. The
 * state is read and written; it is reported where other families report keys and values.
 */
final class SpikeGptCosts implements CostModel {
    private final SpikeGptConfig config;
    private final Map<String, TensorEntry> tensors = new HashMap<>();
    private final int vocabulary;

    /** @param vocabulary number of logits per token */
    SpikeGptCosts(SpikeGptConfig config, ModelManifest manifest, int vocabulary) {
        this.config = config;
        this.vocabulary = Math.min(vocabulary, config.vocabSize());
        manifest.tensors().forEach(entry -> tensors.put(entry.name(), entry));
    }

    @Override
    public TokenCost decode(int batch, int from, int positions, SpikeStatistics fired) {
        return cost(batch, 1, batch == 1 ? skipped(fired) : none());
    }

    /** Share of zeros that are skipped in a pass of one column, for each layer. */
    private double[] skipped(SpikeStatistics fired) {
        double[] zeros = fired.rates(SpikeGptConfig.RELU_ZERO);
        for (int layer = 0; layer < zeros.length; layer++) {
            boolean skips = tensors.get(SpikeGptTensors.block(layer) + SpikeGptTensors.FFN_VALUE)
                                    .dtype()
                            != DType.W8A8
                    && RecurrentKernels.skippingPays(
                            1, config.hidden(), Math.round((1 - zeros[layer]) * config.hidden()));
            zeros[layer] = skips ? zeros[layer] : 0;
        }
        return zeros;
    }

    @Override
    public TokenCost decodeDense(int from, int positions) {
        return cost(1, 1, none());
    }

    @Override
    public TokenCost prompt(int tokens, int block, double logitsShare, SpikeStatistics fired) {
        return cost(Math.min(block, tokens), logitsShare, none());
    }

    private double[] none() {
        return new double[config.layers()];
    }

    /** @param skipped share of the columns of {@code ffn.value} that are not read, for each layer */
    private TokenCost cost(int columns, double logitsShare, double[] skipped) {
        return new TokenCost(
                (bytes(skipped) + logitsShare * headBytes()) / columns,
                0,
                2 * RecurrentState.bytes(config),
                multiplyAdds(skipped) + logitsShare * headMultiplyAdds(),
                0,
                0,
                0);
    }

    private double bytes(double[] skipped) {
        double bytes = 0;
        for (int layer = 0; layer < config.layers(); layer++) {
            String block = SpikeGptTensors.block(layer);
            bytes += SpikeGptTensors.SQUARES.stream()
                    .mapToDouble(name -> tensors.get(block + name).length())
                    .sum();
            bytes += tensors.get(block + SpikeGptTensors.FFN_KEY).length();
            bytes += tensors.get(block + SpikeGptTensors.FFN_VALUE).length() * (1 - skipped[layer]);
        }
        return bytes;
    }

    private double multiplyAdds(double[] skipped) {
        double width = config.width();
        double perBlock = SpikeGptTensors.SQUARES.size() * width * width + 2 * width * config.hidden();
        return config.layers() * perBlock - Arrays.stream(skipped).sum() * width * config.hidden();
    }

    private double headBytes() {
        TensorEntry head = tensors.get(SpikeGptTensors.HEAD);
        return head.layout().elements(vocabulary, head.inputs())
                * (double) head.dtype().bytes();
    }

    private double headMultiplyAdds() {
        return (double) vocabulary * config.width();
    }
}
