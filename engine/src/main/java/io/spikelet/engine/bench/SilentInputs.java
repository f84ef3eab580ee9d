package io.spikelet.engine.bench;

import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.kernel.PackedColumns;
import io.spikelet.engine.model.MappedWeights;
import io.spikelet.engine.model.SpikeProduct;
import io.spikelet.engine.telemetry.SpikeStatistics;
import io.spikelet.engine.tensor.Int8Matrix;
import io.spikelet.engine.tensor.Matrix;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The part of the matrices with spike inputs that a spike-aware decoder does not read: the weights at inputs that do
 * not fire, stored in panels as in a dense decoder, and the product with them. The inputs are zero, so the product is
 * zero, but it takes as long as with other numbers. A spike-aware pass and this product visit every input of these
 * matrices once, the silent ones with the fastest kernel available.
 *
 * <p>Which inputs fire changes from token to token, but their number hardly changes. So the measured number of each
 * layer is used, and the last inputs are taken as the silent ones.
 *
 * <p>Not thread-safe.
 */
final class SilentInputs implements AutoCloseable {
    private final Kernels kernels;
    private final PanelFile panels;
    private final List<Int8Matrix> matrices = new ArrayList<>();
    private final PackedColumns packed;
    private final float[] zeros; // (input)
    private final float[] output; // (output), all zero

    /** @param file for the panels; is created */
    SilentInputs(Path file, MappedWeights weights, SpikeStatistics fired, Kernels kernels) {
        this.kernels = kernels;
        List<SpikeProduct> products = weights.manifest().config().spikeProducts();
        List<Matrix> sources = products.stream()
                .map(product -> weights.matrix(product.tensor()))
                .toList();
        this.panels = new PanelFile(file, PanelFile.bytes(sources)); // space for all inputs, in case none fires
        for (int i = 0; i < sources.size(); i++) {
            SpikeProduct product = products.get(i);
            add(sources.get(i), fired.rates(product.population())[product.layer()]);
        }
        int mostInputs = sources.stream().mapToInt(Matrix::inputs).max().orElse(1);
        this.packed = new PackedColumns(1, mostInputs);
        this.zeros = new float[mostInputs];
        this.output = new float[sources.stream().mapToInt(Matrix::outputs).max().orElse(1)];
    }

    private void add(Matrix source, double rate) {
        int fired = (int) Math.round(rate * source.inputs());
        if (fired < source.inputs()) {
            matrices.add(panels.copy(source, fired));
        }
    }

    /** The silent parts in the order of the forward pass; a matrix whose inputs all fire has none. */
    List<Int8Matrix> matrices() {
        return List.copyOf(matrices);
    }

    /** One token's products with all silent inputs. */
    void multiply() {
        for (Int8Matrix matrix : matrices) {
            packed.pack(zeros, null, 1, matrix.inputs(), matrix.inputs());
            kernels.multiply(matrix, packed, matrix.outputs(), output, matrix.outputs());
        }
    }

    @Override
    public void close() {
        panels.close();
    }
}
