package io.spikelet.engine.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.Fixtures;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Random damage to the structural part of a checkpoint file ends in a refusal or in a checkpoint, never elsewhere. */
final class ArchiveDamageTest {
    private static final long SEED = 21;

    @Test
    void survivesADamagedZipDirectory() throws IOException {
        byte[] file = Files.readAllBytes(Fixtures.golden("c1-tiny-08b/checkpoint.pt"));

        assertSurvives(
                file,
                file.length - 4600,
                file.length,
                damaged -> TorchCheckpoint.read(damaged, "damaged", List.of("model")));
    }

    @Test
    void survivesADamagedSafeTensorsHeader() throws IOException {
        byte[] file = Files.readAllBytes(Fixtures.golden("c1-tiny-08b/model.safetensors"));

        assertSurvives(file, 0, 4904, damaged -> SafeTensors.read(damaged, "damaged"));
    }

    private static void assertSurvives(byte[] file, int from, int to, Consumer<MemorySegment> reader) {
        Random random = new Random(SEED);
        int refused = 0;
        for (int round = 0; round < 1000; round++) {
            byte[] damaged = file.clone();
            for (int i = 0; i < 1 + round % 3; i++) {
                damaged[random.nextInt(from, to)] = (byte) random.nextInt(256);
            }
            try {
                reader.accept(MemorySegment.ofArray(damaged));
            } catch (CheckpointFormatException e) {
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }
}
