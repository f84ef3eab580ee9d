package io.spikelet.engine.bench;

import io.spikelet.engine.model.TensorEntry;
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
import java.util.List;

/**
 * INT8 matrices that a model stores input-major, copied into panels as a dense decoder would store them, with scales of
 * 0. They are in a file that is mapped like the weights, because kernels that access two kinds of memory in one JVM are
 * compiled to slower code. Not thread-safe.
 */
final class PanelFile implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment panels;
    private long end; // of the panels written so far, in bytes

    /**
     * @param file is created
     * @param bytes space for all panels, from {@link #bytes}
     */
    PanelFile(Path file, long bytes) {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            panels = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
        } catch (IOException e) {
            arena.close();
            throw new UncheckedIOException("cannot map " + file, e);
        }
    }

    /** Bytes of a file for all inputs of the given matrices. */
    static long bytes(List<? extends Matrix> sources) {
        long bytes = TensorEntry.TAIL_BYTES;
        for (Matrix source : sources) {
            bytes = Math.addExact(bytes, Layout.PANEL.elements(source.outputs(), source.inputs()));
        }
        return bytes;
    }

    /** Copies the weight vectors of the inputs from {@code first} on, 64 outputs at a time. */
    Int8Matrix copy(Matrix source, int first) {
        int inputs = source.inputs();
        int outputs = source.outputs();
        int kept = inputs - first;
        for (int k = 0; k < kept; k++) {
            for (int n = 0; n < outputs; n += Layout.LANES) {
                long from = source.layout().index(n, first + k, outputs, inputs);
                long to = end + Layout.PANEL.index(n, k, outputs, kept);
                MemorySegment.copy(source.data(), from, panels, to, Layout.LANES);
            }
        }
        long bytes = Layout.PANEL.elements(outputs, kept);
        Int8Matrix copy = new Int8Matrix(panels.asSlice(end, bytes), new float[outputs], outputs, kept, Layout.PANEL);
        end += bytes;
        return copy;
    }

    @Override
    public void close() {
        arena.close();
    }
}
