package io.spikelet.engine.bench;

import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.kernel.PackedColumns;
import io.spikelet.engine.model.MappedWeights;
import io.spikelet.engine.model.SpikeProduct;
import io.spikelet.engine.model.TensorEntry;
import io.spikelet.engine.telemetry.SpikeStatistics;
import io.spikelet.engine.tensor.Int8Matrix;
import io.spikelet.engine.tensor.Layout;
import io.spikelet.engine.tensor.Matrix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The part of the matrices with spikes that a spike-aware decoder never reads: their weights at the inputs that do not
 * fire, laid out in panels as a dense decoder would have them, and the product with them. The inputs are zero, so the
 * product is; the work of it is that of any other numbers. Together with a spike-aware pass, every input of these matrices
 * has been visited once, the silent ones by the fastest kernel there is for it.
 *
 * <p>Which inputs fire changes from token to token and how many hardly does: here it is the measured number of each layer,
 * and the last inputs stand for the silent ones.
 *
 * <p>Not thread-safe.
 */
final class SilentInputs implements AutoCloseable {
    private final Kernels kernels;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment panels;
    private final List<Int8Matrix> matrices = new ArrayList<>();
    private final PackedColumns packed;
    private final float[] zeros; // (input)
    private final float[] output; // (output), all zero
    private long end; // of the panels written so far

    /**
     * @param file to hold the panels; created. Mapped like the weights, because kernels that see two kinds of memory in one
     *     JVM are compiled into something slower
     */
    SilentInputs(Path file, MappedWeights weights, SpikeStatistics fired, Kernels kernels) {
        this.kernels = kernels;
        List<SpikeProduct> products = weights.manifest().config().spikeProducts();
        List<Matrix> sources = products.stream()
                .map(product -> weights.matrix(product.tensor()))
                .toList();
        this.panels = map(file, sources);
        for (int i = 0; i < sources.size(); i++) {
            SpikeProduct product = products.get(i);
            add(sources.get(i), fired.rates(product.population())[product.layer()]);
        }
        int mostInputs = sources.stream().mapToInt(Matrix::inputs).max().orElse(1);
        this.packed = new PackedColumns(1, mostInputs);
        this.zeros = new float[mostInputs];
        this.output = new float[sources.stream().mapToInt(Matrix::outputs).max().orElse(1)];
    }

    /** Room for all inputs of all matrices, should none fire. */
    private MemorySegment map(Path file, List<Matrix> sources) {
        long bytes = TensorEntry.TAIL_BYTES;
        for (Matrix source : sources) {
            bytes = Math.addExact(bytes, Layout.PANEL.elements(source.outputs(), source.inputs()));
        }
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
        } catch (IOException e) {
            arena.close();
            throw new UncheckedIOException("cannot map " + file, e);
        }
    }

    /** Copies the vectors of the last inputs, 64 outputs at a time, from input-major to panels. */
    private void add(Matrix source, double rate) {
        int inputs = source.inputs();
        int outputs = source.outputs();
        int fired = (int) Math.round(rate * inputs);
        int silent = inputs - fired;
        if (silent == 0) {
            return;
        }
        for (int k = 0; k < silent; k++) {
            for (int n = 0; n < outputs; n += Layout.LANES) {
                long from = source.layout().index(n, fired + k, outputs, inputs);
                long to = end + Layout.PANEL.index(n, k, outputs, silent);
                MemorySegment.copy(source.data(), from, panels, to, Layout.LANES);
            }
        }
        long bytes = Layout.PANEL.elements(outputs, silent);
        matrices.add(new Int8Matrix(panels.asSlice(end, bytes), new float[outputs], outputs, silent, Layout.PANEL));
        end += bytes;
    }

    /** In the order of the forward pass; a matrix whose inputs all fire has none. */
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
        arena.close();
    }
}
