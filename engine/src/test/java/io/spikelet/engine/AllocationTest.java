package io.spikelet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllocationTest {
    private static final long MAX_BYTES_PER_TOKEN = 1024;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-Dspikelet.kernels=scalar",
                "-Dspikelet.vector.bits=128",
                "-Dspikelet.vector.bits=256",
                "-Dspikelet.vector.bits=512"
            })
    void aTokenAllocatesLessThanAKilobyte(String kernels) throws Exception {
        List<String> rates = ChildJvm.run(
                folder.resolve("rates"),
                List.of("--add-modules=jdk.incubator.vector", kernels),
                AllocationRates.class,
                Fixtures.projectRoot().resolve("datasets/models/tiny").toString());
        System.out.println(kernels + ", bytes per token: " + rates);
        assertThat(rates)
                .hasSize(3)
                .allSatisfy(line -> assertThat(Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                        .as(line)
                        .isBetween(1L, MAX_BYTES_PER_TOKEN));
    }
}
