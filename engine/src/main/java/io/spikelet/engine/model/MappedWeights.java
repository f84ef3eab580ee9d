package io.spikelet.engine.model;

import io.spikelet.engine.tensor.BitMatrix;
import io.spikelet.engine.tensor.DType;
import io.spikelet.engine.tensor.FloatMatrix;
import io.spikelet.engine.tensor.Int8Matrix;
import io.spikelet.engine.tensor.Layout;
import io.spikelet.engine.tensor.Matrix;
import io.spikelet.engine.tensor.W8A8Matrix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/**
 * {@code weights.bin} mapped read-only into memory; it may be larger than 2 GB.
 *
 * <p>Thread-safe. {@link #close} ends the mapping at once; matrices taken from it throw {@link IllegalStateException}
 * afterwards.
 */
public final class MappedWeights implements AutoCloseable {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final ModelManifest manifest;
    private final ModelFamilies families;
    private final Map<String, TensorEntry> tensors;
    private final Arena arena;
    private final MemorySegment data;
    private String damage; // what is wrong with the files; empty if nothing, null before the first check

    private MappedWeights(ModelManifest manifest, ModelFamilies families, Arena arena, MemorySegment data) {
        this.manifest = manifest;
        this.families = families;
        this.tensors = manifest.tensorsByName();
        this.arena = arena;
        this.data = data;
    }

    /**
     * Reads the manifest and maps the weights.
     *
     * @param families known to this program
     * @throws ModelFormatException if the directory is not a valid model
     * @throws UncheckedIOException if a file cannot be read
     */
    public static MappedWeights map(Path modelDir, ModelFamilies families) {
        ModelManifest manifest = ManifestReader.read(modelDir, families);
        Path file = modelDir.resolve(ModelManifest.WEIGHTS_FILE);
        if (!Files.isRegularFile(file)) {
            throw new ModelFormatException(modelDir + " has no weights.bin; convert the checkpoint again");
        }
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            // The size of the open file, so that the checked and the mapped file are the same.
            if (channel.size() != manifest.weightsBytes()) {
                throw new ModelFormatException(file + " has " + channel.size() + " bytes; the manifest says "
                        + manifest.weightsBytes() + ": copy it again or convert the checkpoint again");
            }
            MemorySegment data = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            return new MappedWeights(manifest, families, arena, data);
        } catch (IOException e) {
            arena.close();
            throw new UncheckedIOException("cannot map " + file, e);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    public ModelManifest manifest() {
        return manifest;
    }

    /**
     * A matrix by its upstream key; its elements stay in the mapping, its scales are copied.
     *
     * @throws ModelFormatException if there is none, or a scale is not a finite number of at least 0
     */
    public Matrix matrix(String name) {
        TensorEntry entry = entry(name);
        if (entry.layout() == Layout.VECTOR || entry.layout() == Layout.BIT_ROWS) {
            throw new ModelFormatException(
                    name + " is a " + (entry.layout() == Layout.VECTOR ? "vector" : "matrix of bits"));
        }
        MemorySegment elements = data.asSlice(entry.offset(), entry.length());
        if (entry.dtype() == DType.FLOAT32) {
            return new FloatMatrix(elements, entry.outputs(), entry.inputs(), entry.layout());
        }
        float[] scales = floats(name + " (scales)", entry.scaleOffset(), entry.outputs());
        for (int output = 0; output < scales.length; output++) {
            if (scales[output] < 0) {
                throw new ModelFormatException(name + ": the scale of output " + output + " is " + scales[output]
                        + "; scales are at least 0: check the directory with inspect --verify");
            }
        }
        return entry.dtype() == DType.W8A8
                ? new W8A8Matrix(elements, scales, entry.outputs(), entry.inputs())
                : new Int8Matrix(elements, scales, entry.outputs(), entry.inputs(), entry.layout());
    }

    /**
     * A matrix of bits by its upstream key; the bits stay in the mapping.
     *
     * @throws ModelFormatException if there is none
     */
    public BitMatrix bits(String name) {
        TensorEntry entry = entry(name);
        if (entry.layout() != Layout.BIT_ROWS) {
            throw new ModelFormatException(name + " is no matrix of bits");
        }
        return new BitMatrix(data.asSlice(entry.offset(), entry.length()), entry.outputs(), entry.inputs());
    }

    /**
     * A copy of a vector by its upstream key; a scalar has length 1.
     *
     * @throws ModelFormatException if there is none, or a value is not finite
     */
    public float[] vector(String name) {
        TensorEntry entry = entry(name);
        if (entry.layout() != Layout.VECTOR) {
            throw new ModelFormatException(name + " is a matrix, not a vector");
        }
        return floats(name, entry.offset(), entry.outputs());
    }

    /** Unmaps the weights; has no effect if already closed. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    private TensorEntry entry(String name) {
        TensorEntry entry = tensors.get(name);
        if (entry == null) {
            throw new ModelFormatException("the model has no tensor " + name);
        }
        return entry;
    }

    private float[] floats(String name, long offset, int count) {
        float[] values = new float[count];
        MemorySegment.copy(data, FLOAT, offset, values, 0, count);
        for (int i = 0; i < count; i++) {
            if (!Float.isFinite(values[i])) {
                throw new ModelFormatException(name + ": element " + i + " is " + values[i]
                        + "; weights are finite: check the directory with inspect --verify");
            }
        }
        return values;
    }

    /** Checks the files; they are read only at the first call. */
    synchronized void requireIntact(Path directory) {
        if (damage == null) {
            try {
                ModelVerifier.verify(directory, families);
                damage = "";
            } catch (RuntimeException e) {
                damage = "the model " + directory + " is damaged, as inspect --verify " + directory + " says: "
                        + e.getMessage();
            }
        }
        if (!damage.isEmpty()) {
            throw new DamagedModelError(damage);
        }
    }
}
