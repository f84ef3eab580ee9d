package io.spikelet.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The probes do the work that is counted for them. The build runs this once for every vector width. */
@Tag("kernels")
final class MachineProbeTest {
    @Test
    void readsEveryByteOfAllPlacesAndNoOther() {
        byte[] bytes = new byte[32 * MachineProbe.STRIDE];
        new Random(7).nextBytes(bytes);
        int length = 6 * MachineProbe.STRIDE;
        int first = 64;
        int apart = 8 * MachineProbe.STRIDE;
        long fold = MachineProbe.read(MemorySegment.ofArray(bytes), first, apart, length);

        assertThat(ScalarProbe.read(MemorySegment.ofArray(bytes), first, apart, length))
                .isEqualTo(fold);
        for (int at = 0; at < bytes.length; at += 61) {
            boolean inside = at >= first && (at - first) % apart < length && at < first + 4 * apart;
            bytes[at] ^= 0x20;
            long changed = MachineProbe.read(MemorySegment.ofArray(bytes), first, apart, length);
            assertThat(changed != fold).as("byte %d", at).isEqualTo(inside);
            bytes[at] ^= 0x20;
        }
    }

    @Test
    void everyChainOfMultiplyAddsConvergesToOne() {
        float chains = MachineProbe.multiplyAdd(10_000);

        assertThat(chains).isEqualTo(Math.round(chains)).isGreaterThanOrEqualTo(8);
        assertThat(MachineProbe.multiplyAddsPerStep() % Math.round(chains)).isZero();
        assertThat(ScalarProbe.multiplyAdd(10_000)).isEqualTo(ScalarProbe.MULTIPLY_ADDS_PER_STEP);
    }
}
