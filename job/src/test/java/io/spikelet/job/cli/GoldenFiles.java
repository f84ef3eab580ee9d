package io.spikelet.job.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** The engine's golden files, and the tokenizer that comes with the bundled model. */
final class GoldenFiles {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private GoldenFiles() {}

    static Path golden(String relative) {
        return ROOT.resolve("engine/src/test/resources/golden").resolve(relative);
    }

    static Optional<Path> tinyTokenizer() {
        return Stream.of("datasets/models/tiny/tokenizer.model", "../shared/models/tiny/tokenizer.model")
                .map(ROOT::resolve)
                .filter(Files::exists)
                .findFirst();
    }

    /** The elements of a float32 NumPy file, format version 1.0. */
    static float[] floats(Path npy) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(npy)).order(ByteOrder.LITTLE_ENDIAN);
        bytes.position(10 + bytes.getShort(8));
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }
}
