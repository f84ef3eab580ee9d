package io.spikelet.engine.convert;

import io.spikelet.engine.family.Families;
import io.spikelet.engine.tensor.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.provider.Arguments;

/** Shorthand for conversions in tests. */
final class Checkpoints {
    static final String[] CASES = {
        "c1-tiny-08b", "c2-tiny-194m", "c3-tiny-08b-noattn", "c4-tiny-08b-staticprior", "c5-tiny-08b-odd"
    };

    private Checkpoints() {}

    static java.util.stream.Stream<Arguments> cases() {
        return java.util.Arrays.stream(CASES).map(Arguments::of);
    }

    static Converter.Options options(Path checkpoint, Path output, DType weights, DType embedding) {
        return new Converter.Options(
                checkpoint, output, Optional.empty(), Optional.empty(), weights, embedding, Optional.empty());
    }

    static ConversionResult convert(Path checkpoint, Path output) {
        return Converter.convert(options(checkpoint, output, DType.INT8, DType.INT8), Families.mappings(), line -> {});
    }

    /** The tensors of a safetensors file, on the heap. */
    static Map<String, SourceTensor> safeTensors(Path file) throws IOException {
        return SafeTensors.read(MemorySegment.ofArray(Files.readAllBytes(file)), file.toString())
                .tensors();
    }

    /** All elements in row-major order. */
    static float[] values(SourceTensor tensor) {
        float[] values = new float[tensor.rows() * tensor.columns()];
        float[] row = new float[tensor.columns()];
        for (int i = 0; i < tensor.rows(); i++) {
            tensor.read(i, 0, row.length, row);
            System.arraycopy(row, 0, values, i * row.length, row.length);
        }
        return values;
    }
}
