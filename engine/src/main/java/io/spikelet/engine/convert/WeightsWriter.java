package io.spikelet.engine.convert;

import io.spikelet.engine.model.Sha256;
import io.spikelet.engine.model.TensorEntry;
import io.spikelet.engine.model.TensorSpec;
import io.spikelet.engine.tensor.DType;
import io.spikelet.engine.tensor.Layout;
import io.spikelet.engine.tensor.W8A8Matrix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes {@code weights.bin} sequentially and computes its hash. A matrix is written through a buffer of a few
 * megabytes, so memory does not depend on its size.
 */
public final class WeightsWriter implements AutoCloseable {
    private static final int BLOCK_ELEMENTS = 1 << 20;

    private final boolean roundsInputs;
    private final FileChannel channel;
    private final MessageDigest digest = Sha256.digest();
    private final List<TensorEntry> entries = new ArrayList<>();
    private ByteBuffer block = buffer(BLOCK_ELEMENTS);
    private long position;

    /** A writer for float32 matrices, and for INT8 matrices with float32 inputs. */
    WeightsWriter(Path file) throws IOException {
        this(file, false);
    }

    /** @param roundsInputs whether the inputs of INT8 matrices with continuous inputs are rounded too (W8A8) */
    WeightsWriter(Path file, boolean roundsInputs) throws IOException {
        this.roundsInputs = roundsInputs;
        channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /** Writes a vector or scalar. */
    public void vector(TensorSpec spec, float[] values) throws IOException {
        add(spec, DType.FLOAT32, writeFloats(values), TensorEntry.NO_SCALES);
    }

    /**
     * Writes a matrix in its layout, then its scales. Padding is zero.
     *
     * @param scales {@code [outputs]} for INT8, empty for float32
     */
    public void matrix(TensorSpec spec, RowElements elements, Optional<float[]> scales) throws IOException {
        int outputs = spec.shape().getFirst();
        int inputs = spec.shape().getLast();
        DType dtype =
                scales.isEmpty() ? DType.FLOAT32 : roundsInputs && spec.hasContinuousInput() ? DType.W8A8 : DType.INT8;
        align();
        long offset = position;
        switch (spec.layout(dtype)) {
            case QUAD_PANEL -> {
                for (int output = 0; output < outputs; output += Layout.LANES) {
                    writeQuads(spec, elements, output, Math.min(outputs, output + Layout.LANES));
                }
            }
            case PANEL -> {
                int width = Math.max(1, BLOCK_ELEMENTS / Layout.LANES);
                for (int output = 0; output < outputs; output += Layout.LANES) {
                    int end = Math.min(outputs, output + Layout.LANES);
                    for (int input = 0; input < inputs; input += width) {
                        int count = Math.min(width, inputs - input);
                        writeBlock(spec, dtype, elements, output, end, input, count, count * Layout.LANES);
                    }
                }
            }
            case INPUT_MAJOR -> {
                int stride = Layout.pad(outputs);
                int height = Math.max(1, BLOCK_ELEMENTS / stride);
                for (int input = 0; input < inputs; input += height) {
                    int count = Math.min(height, inputs - input);
                    writeBlock(spec, dtype, elements, 0, outputs, input, count, count * stride);
                }
            }
            case ROW_MAJOR -> {
                int stride = Layout.pad(inputs);
                int height = Math.max(1, BLOCK_ELEMENTS / stride);
                for (int output = 0; output < outputs; output += height) {
                    int end = Math.min(outputs, output + height);
                    writeBlock(spec, dtype, elements, output, end, 0, inputs, (end - output) * stride);
                }
            }
            case BIT_ROWS, VECTOR ->
                throw new IllegalArgumentException(
                        spec.name() + " has layout " + spec.layout().label());
        }
        add(spec, dtype, offset, scales.isPresent() ? writeFloats(scales.get()) : TensorEntry.NO_SCALES);
    }

    /**
     * Writes a matrix of bits.
     *
     * @param signs codes; those that are at least 0 become ones
     */
    public void bits(TensorSpec spec, RowElements signs) throws IOException {
        int inputs = spec.shape().getLast();
        align();
        long offset = position;
        ByteBuffer row = buffer(inputs);
        for (int output = 0; output < spec.shape().getFirst(); output++) {
            signs.fill(output, 0, inputs, row, 0, 1);
            ByteBuffer bits = zeroed(Layout.pad(inputs) / Byte.SIZE);
            for (int k = 0; k < inputs; k++) {
                int at = k / Byte.SIZE;
                bits.put(at, (byte) (bits.get(at) | (row.get(k) >= 0 ? 1 : 0) << k % Byte.SIZE));
            }
            write(bits);
        }
        add(spec, DType.BITS, offset, TensorEntry.NO_SCALES);
    }

    /** Writes the padding at the end and syncs the file to disk. */
    void finish() throws IOException {
        align();
        write(ByteBuffer.allocate(TensorEntry.TAIL_BYTES));
        channel.force(true);
    }

    List<TensorEntry> entries() {
        return List.copyOf(entries);
    }

    long bytes() {
        return position;
    }

    /** The hash of everything written; call it once, at the end. */
    String sha256() {
        return Sha256.hex(digest);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /**
     * Writes a part of the matrix that is contiguous in its layout: outputs {@code first .. end - 1}, {@code count}
     * inputs.
     */
    private void writeBlock(
            TensorSpec spec, DType dtype, RowElements elements, int first, int end, int from, int count, int stored)
            throws IOException {
        int outputs = spec.shape().getFirst();
        int inputs = spec.shape().getLast();
        Layout layout = spec.layout();
        long base = layout.index(first, from, outputs, inputs);
        // Within a row the layouts are affine in the input.
        int step = (int) (layout.index(first, from + 1, outputs, inputs) - base);
        ByteBuffer zeroed = zeroed(Math.multiplyExact(stored, dtype.bytes()));
        for (int output = first; output < end; output++) {
            int at = (int) (layout.index(output, from, outputs, inputs) - base);
            elements.fill(output, from, count, zeroed, at, step);
        }
        write(zeroed);
    }

    /** Writes a panel of W8A8: codes plus 128, four inputs of an output side by side. Padding is zero. */
    private void writeQuads(TensorSpec spec, RowElements elements, int first, int end) throws IOException {
        int inputs = spec.shape().getLast();
        ByteBuffer panel = zeroed(Math.multiplyExact(Layout.LANES, Layout.padQuad(inputs)));
        ByteBuffer row = buffer(inputs);
        for (int output = first; output < end; output++) {
            elements.fill(output, 0, inputs, row, 0, 1);
            for (int k = 0; k < inputs; k++) {
                int at = (int) Layout.QUAD_PANEL.index(output - first, k, Layout.LANES, inputs);
                panel.put(at, (byte) (row.get(k) + W8A8Matrix.ZERO_POINT));
            }
        }
        write(panel);
    }

    private ByteBuffer zeroed(int bytes) {
        if (block.capacity() < bytes) {
            block = buffer(bytes);
        }
        block.clear().limit(bytes);
        for (int at = 0; at < bytes / Long.BYTES; at++) {
            block.putLong(at * Long.BYTES, 0);
        }
        return block;
    }

    private long writeFloats(float[] values) throws IOException {
        align();
        long offset = position;
        ByteBuffer bytes = buffer(Math.multiplyExact(values.length, Float.BYTES));
        bytes.asFloatBuffer().put(values);
        write(bytes);
        return offset;
    }

    private void add(TensorSpec spec, DType dtype, long offset, long scaleOffset) {
        int outputs = spec.shape().isEmpty() ? 1 : spec.shape().getFirst();
        int inputs = spec.isMatrix() ? spec.shape().getLast() : 1;
        Layout layout = spec.layout(dtype);
        long length = layout.elements(outputs, inputs) * dtype.bytes();
        entries.add(new TensorEntry(spec.name(), spec.shape(), dtype, layout, offset, length, scaleOffset));
    }

    private void align() throws IOException {
        int excess = (int) (position % TensorEntry.ALIGNMENT);
        if (excess != 0) {
            write(ByteBuffer.allocate(TensorEntry.ALIGNMENT - excess));
        }
    }

    private void write(ByteBuffer bytes) throws IOException {
        digest.update(bytes.duplicate());
        position += bytes.remaining();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
