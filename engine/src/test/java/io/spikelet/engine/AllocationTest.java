package io.spikelet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.spikelet.engine.convert.RoundedInputs;
import io.spikelet.engine.telemetry.KernelChoice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllocationTest {
    private static final long MAX_BYTES_PER_TOKEN = 1024;
    private static final Path MODEL = Fixtures.projectRoot().resolve("datasets/models/tiny");

    @TempDir
    Path folder;

    @Test
    @Tag("cluster") // the kernels of the first stage are the widest
    void aTokenAllocatesLessThanAKilobyteWithScalarKernels() throws Exception {
        assertRates("-Dspikelet.kernels=scalar");
    }

    @Test
    void aTokenAllocatesLessThanAKilobyteWithTheWidestVectors() throws Exception {
        assumeTrue(ChildJvm.widestVectors() > 0, "this JVM has no vectors");
        assertRates("-Dspikelet.vector.bits=" + ChildJvm.widestVectors());
    }

    @ParameterizedTest
    @Tag("cluster") // ten seconds each, until all is compiled
    @ValueSource(ints = {128, 256, 512})
    void aTokenAllocatesLessThanAKilobyteAtAnyVectorWidth(int bits) throws Exception {
        assumeTrue(bits <= ChildJvm.widestVectors(), "this CPU has no vectors of " + bits + " bits");
        assertRates("-Dspikelet.vector.bits=" + bits);
    }

    @Test
    @Tag("cluster") // ten seconds
    void aTokenOfRoundedInputsAllocatesLessThanAKilobyteWithTheNativeLibrary() throws Exception {
        assumeTrue(!KernelChoice.nativeLevels().isEmpty(), "this JVM has no native library");
        Path model = RoundedInputs.write(MODEL, folder.resolve("w8a8"));
        assertRates(model, "--enable-native-access=ALL-UNNAMED", "-Dspikelet.native=true");
    }

    private void assertRates(String kernels) throws Exception {
        assertRates(MODEL, kernels);
    }

    private void assertRates(Path model, String... flags) throws Exception {
        List<String> kernels = new ArrayList<>(List.of("--add-modules=jdk.incubator.vector"));
        kernels.addAll(List.of(flags));
        List<String> rates = ChildJvm.run(folder.resolve("rates"), kernels, AllocationRates.class, model.toString());
        System.out.println(kernels + ", bytes per token: " + rates);
        assertThat(rates)
                .hasSize(3)
                .allSatisfy(line -> assertThat(Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                        .as(line)
                        .isBetween(1L, MAX_BYTES_PER_TOKEN));
    }
}
