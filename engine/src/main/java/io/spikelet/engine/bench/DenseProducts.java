package io.spikelet.engine.bench;

import io.spikelet.engine.kernel.KernelProvider;
import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.kernel.PackedColumns;
import io.spikelet.engine.model.MappedWeights;
import io.spikelet.engine.model.TensorSpec;
import io.spikelet.engine.tensor.Layout;
import io.spikelet.engine.tensor.Matrix;
import java.util.List;
import java.util.Random;

/**
 * The dense products of some tokens and nothing else: every matrix with a continuous input, in the order of the file, times
 * one vector for each. What the kernels alone reach; the rest of a token is what decoding adds.
 *
 * <p>Not thread-safe.
 */
final class DenseProducts implements Workload {
    private final Kernels kernels = KernelProvider.kernels();
    private final List<Product> products;
    private final PackedColumns packed;
    private final int columns;
    private final int widest;
    private final float[] input; // (column, widest input)
    private final float[] output; // (column, most outputs)

    /**
     * @param vocabulary rows of the head that are computed
     * @param columns tokens
     */
    DenseProducts(MappedWeights weights, int vocabulary, int columns) {
        this.columns = columns;
        this.products = weights.manifest().config().tensors().stream()
                .filter(spec -> spec.layout() == Layout.PANEL)
                .map(spec -> new Product(weights.matrix(spec.name()), outputs(spec, vocabulary)))
                .toList();
        this.widest = products.stream()
                .mapToInt(product -> product.matrix().inputs())
                .max()
                .orElse(1);
        this.packed = new PackedColumns(columns, widest);
        this.input = new float[columns * widest];
        Random random = new Random(BenchmarkContext.SEED);
        for (int i = 0; i < input.length; i++) {
            input[i] = (float) random.nextGaussian();
        }
        this.output = new float
                [columns * products.stream().mapToInt(Product::outputs).max().orElse(1)];
    }

    /** Of the head's matrices only what the vocabulary needs. */
    private static int outputs(TensorSpec spec, int vocabulary) {
        int outputs = spec.shape().getFirst();
        return spec.role() == TensorSpec.Role.HEAD ? Math.min(outputs, vocabulary) : outputs;
    }

    @Override
    public int prepare() {
        return Integer.MAX_VALUE;
    }

    @Override
    public void run(int steps) {
        for (int step = 0; step < steps; step++) {
            for (Product product : products) {
                int inputs = product.matrix().inputs();
                packed.pack(input, null, columns, widest, inputs);
                kernels.multiply(product.matrix(), packed, product.outputs(), output, output.length / columns);
            }
        }
    }

    @Override
    public int tokensPerStep() {
        return columns;
    }

    /** @param outputs rows of the matrix that are computed */
    private record Product(Matrix matrix, int outputs) {}
}
