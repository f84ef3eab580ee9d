package io.spikelet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AllocationTest {
    private static final long MAX_BYTES_PER_TOKEN = 1024;

    @TempDir
    Path folder;

    /** With scalar kernels: whether vectors are boxed is up to the compiler, and to {@code bench} to find out. */
    @Test
    void aTokenAllocatesLessThanAKilobyte() throws Exception {
        List<String> rates = ChildJvm.run(
                folder.resolve("rates"),
                List.of("-Dspikelet.kernels=scalar"),
                AllocationRates.class,
                Fixtures.projectRoot().resolve("datasets/models/tiny").toString());
        System.out.println("bytes per token: " + rates);
        assertThat(rates)
                .hasSize(3)
                .allSatisfy(line -> assertThat(Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                        .as(line)
                        .isBetween(1L, MAX_BYTES_PER_TOKEN));
    }
}
