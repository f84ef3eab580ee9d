package io.spikelet.engine.bench;

import io.spikelet.engine.kernel.KernelProvider;
import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.kernel.PackedColumns;
import io.spikelet.engine.model.DenseTwin;
import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.model.MappedWeights;
import io.spikelet.engine.model.TensorSpec;
import io.spikelet.engine.model.TokenCost;
import io.spikelet.engine.tensor.Layout;
import io.spikelet.engine.tensor.Matrix;
import java.util.List;
import java.util.Random;
import java.util.function.ToIntFunction;

/**
 * The dense products of some tokens and nothing else: every matrix times the vectors of all tokens. This is the speed
 * of the kernels alone; decoding adds the rest of a token's work.
 *
 * <p>Not thread-safe.
 */
final class DenseProducts implements Workload {
    private final Kernels kernels = KernelProvider.kernels();
    private final List<Product> products;
    private final int tokens;
    private final PackedColumns packed;
    private final int widest;
    private final float[] input; // (column, widest input)
    private final float[] output; // (column, output) of any product

    /**
     * A matrix and the vectors that it is multiplied by.
     *
     * @param outputs rows of the matrix that are computed
     * @param columns number of vectors of all tokens
     */
    record Product(Matrix matrix, int outputs, int columns) {}

    /**
     * @param products in the order in which they run
     * @param tokens at once
     */
    DenseProducts(List<Product> products, int tokens) {
        this.products = List.copyOf(products);
        this.tokens = tokens;
        this.widest = most(product -> product.matrix().inputs());
        int columns = most(Product::columns);
        this.packed = new PackedColumns(columns, widest);
        this.input = new float[columns * widest];
        Random random = new Random(BenchmarkContext.SEED);
        for (int i = 0; i < input.length; i++) {
            input[i] = (float) random.nextGaussian();
        }
        this.output = new float[most(product -> product.columns() * product.outputs())];
    }

    /**
     * The products of a model's matrices with continuous inputs, in the order of the file: the head's once per token,
     * the others once per time step.
     *
     * @param vocabulary rows of the head that are computed
     */
    static DenseProducts of(MappedWeights weights, int vocabulary, int tokens) {
        FamilyConfig config = weights.manifest().config();
        int steps = config.denseTwin().map(DenseTwin::steps).orElse(1);
        List<Product> products = config.tensors().stream()
                .filter(spec -> spec.layout() == Layout.PANEL)
                .map(spec -> new Product(
                        weights.matrix(spec.name()),
                        outputs(spec, vocabulary),
                        spec.role() == TensorSpec.Role.HEAD ? tokens : tokens * steps))
                .toList();
        return new DenseProducts(products, tokens);
    }

    /** Rows to compute: of the head's matrices only those that the vocabulary needs. */
    static int outputs(TensorSpec spec, int vocabulary) {
        int outputs = spec.shape().getFirst();
        return spec.role() == TensorSpec.Role.HEAD ? Math.min(outputs, vocabulary) : outputs;
    }

    private int most(ToIntFunction<Product> size) {
        return products.stream().mapToInt(size).max().orElse(1);
    }

    /** The cost of a token: its share of the weights, padding included, and its own products. */
    TokenCost cost() {
        double bytes = 0;
        double multiplyAdds = 0;
        for (Product product : products) {
            Matrix matrix = product.matrix();
            double rows = (double) Layout.pad(product.outputs()) / Layout.pad(matrix.outputs());
            bytes += rows * matrix.data().byteSize();
            multiplyAdds += (double) product.columns() * product.outputs() * matrix.inputs();
        }
        return TokenCost.dense(bytes, multiplyAdds / tokens).sharedBy(tokens);
    }

    @Override
    public int prepare() {
        return Integer.MAX_VALUE;
    }

    @Override
    public void run(int steps) {
        for (int step = 0; step < steps; step++) {
            for (Product product : products) {
                packed.pack(
                        input, null, product.columns(), widest, product.matrix().inputs());
                kernels.multiply(product.matrix(), packed, product.outputs(), output, product.outputs());
            }
        }
    }

    @Override
    public int tokensPerStep() {
        return tokens;
    }
}
