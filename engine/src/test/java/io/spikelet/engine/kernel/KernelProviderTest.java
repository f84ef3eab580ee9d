package io.spikelet.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is settled once for a JVM, in JVMs of their own. */
final class KernelProviderTest {
    @TempDir
    private Path folder;

    /** Asks twice: what refuses once refuses always, with the same words. */
    public static final class Asker {
        private Asker() {}

        public static void main(String[] args) {
            for (int i = 0; i < 2; i++) {
                try {
                    System.out.println(KernelProvider.kernels().description());
                    System.out.println(KernelProvider.reason().orElse("nothing better"));
                    System.out.println(
                            "short work: " + KernelProvider.withoutWarmUp().description());
                } catch (IllegalStateException e) {
                    System.out.println("refused: " + e.getMessage());
                }
            }
        }
    }

    private List<String> ask(String... flags) throws IOException, InterruptedException {
        return ChildJvm.run(folder.resolve("out"), List.of(flags), Asker.class);
    }

    @Test
    void vectorKernelsWithoutTheirModuleAreRefusedWithTheRemedyEveryTime() throws Exception {
        assertThat(ask("-Dspikelet.kernels=vector"))
                .hasSize(2)
                .allSatisfy(line -> assertThat(line)
                        .startsWith("refused: ")
                        .contains("--add-modules jdk.incubator.vector", "-Dspikelet.kernels=scalar"));
    }

    @Test
    void propertiesThatAreNoneOfTheirValuesAreRefused() throws Exception {
        assertThat(ask("-Dspikelet.kernels=fast"))
                .containsExactly(
                        "refused: spikelet.kernels is 'fast'; it must be 'vector' or 'scalar'",
                        "refused: spikelet.kernels is 'fast'; it must be 'vector' or 'scalar'");
        assertThat(ask(ChildJvm.VECTOR_MODULE, "-Dspikelet.vector.bits=100"))
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).contains("refused: ", "100", "128, 256 or 512"));
    }

    @Test
    void aJvmThatFallsBackSaysWhyAndWhatHelps() throws Exception {
        assertThat(ask()).contains("scalar").anySatisfy(line -> assertThat(line).contains("--add-modules"));
        assertThat(ask(ChildJvm.VECTOR_MODULE, "-XX:TieredStopAtLevel=1"))
                .anySatisfy(line -> assertThat(line).contains("C2", "-XX:TieredStopAtLevel=1", "without that flag"));
    }

    @Test
    void shortWorkDoesNotWaitForVectorKernelsToBeCompiledUnlessTheyAreNamed() throws Exception {
        assertThat(ask(ChildJvm.VECTOR_MODULE))
                .contains("short work: scalar")
                .anyMatch(line -> line.startsWith("vector-"));
        assertThat(ask(ChildJvm.VECTOR_MODULE, "-Dspikelet.kernels=vector"))
                .anyMatch(line -> line.startsWith("short work: vector-"));
    }

    @Test
    void whatAMachineLacksIsSaidEachWithItsRemedy() {
        assertThat(JvmLimits.of(Optional.of("true"), Optional.of("4"), Optional.of("true")))
                .isEmpty();
        assertThat(JvmLimits.of(Optional.empty(), Optional.empty(), Optional.empty()))
                .isEmpty();
        assertThat(JvmLimits.of(Optional.of("false"), Optional.of("4"), Optional.of("true")))
                .singleElement()
                .satisfies(limit -> assertThat(limit).contains("multiply-add", "x86-64-v3"));
        assertThat(JvmLimits.of(Optional.of("false"), Optional.of("4"), Optional.of("false")))
                .hasSize(2)
                .anySatisfy(limit -> assertThat(limit).contains("-Xint"));
    }
}
