package io.spikelet.engine.family.symboliclight;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.GoldenCase;
import io.spikelet.engine.GoldenCase.Weights;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.ModelFormatException;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.SpikingModel;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SharedFrequenciesTest {
    @TempDir
    private Path folder;

    @Test
    void blocksWithFrequenciesOfTheirOwnAreRefused() throws IOException {
        Path directory;
        String name = "blocks.2.tcam.sparse_attn.rope.inv_freq";
        long offset;
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8)) {
            directory = model.directory();
            offset = model.manifest().tensor(name).offset();
        }
        byte[] half = ByteBuffer.allocate(Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(0.5f)
                .array();
        Path weights = directory.resolve(ModelManifest.WEIGHTS_FILE);
        try (RandomAccessFile file = new RandomAccessFile(weights.toFile(), "rw")) {
            file.seek(offset + Float.BYTES);
            file.write(half);
        }
        assertThatThrownBy(() -> SpikingModel.open(directory, Families.all()).close())
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContainingAll(name, "element 1 is 0.5", "block 0");
    }
}
