package io.spikelet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The promise to users: one digest of all results, whatever the JVM, the vector width, the batch or the prefill block. */
class BitIdentityTest {
    private static final Path MODEL = Fixtures.projectRoot().resolve("datasets/models/tiny");
    private static final int COMBINATIONS = 9;

    @TempDir
    Path folder;

    /** Flags of each JVM, and the kernels that it must run with. */
    private static Map<List<String>, String> machines() {
        Map<List<String>, String> machines = new LinkedHashMap<>();
        machines.put(List.of(ChildJvm.VECTOR_MODULE, "-Dspikelet.kernels=scalar"), "scalar");
        machines.put(List.of(), "scalar");
        for (int bits : new int[] {128, 256, 512}) {
            machines.put(List.of(ChildJvm.VECTOR_MODULE, "-Dspikelet.vector.bits=" + bits), "vector-" + bits);
        }
        if (System.getProperty("os.arch").equals("amd64")) {
            machines.put(List.of(ChildJvm.VECTOR_MODULE, "-XX:UseAVX=2"), "vector-");
        }
        return machines;
    }

    @Test
    void everyMachineBatchAndBlockGivesTheSameResults() throws Exception {
        Map<List<String>, Future<List<String>>> runs = new LinkedHashMap<>();
        try (ExecutorService pool =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            for (List<String> flags : machines().keySet()) {
                Path output = folder.resolve("jvm-" + runs.size());
                runs.put(flags, pool.submit(() -> ChildJvm.run(output, flags, ResultDigest.class, MODEL.toString())));
            }
        }
        List<String> digests = new ArrayList<>();
        for (Map.Entry<List<String>, Future<List<String>>> run : runs.entrySet()) {
            List<String> lines = run.getValue().get();
            assertThat(lines.getFirst())
                    .as("kernels with %s", run.getKey())
                    .startsWith(machines().get(run.getKey()));
            assertThat(lines).hasSize(1 + COMBINATIONS);
            for (String line : lines.subList(1, lines.size())) {
                digests.add(
                        line.substring(line.lastIndexOf(' ') + 1) + " " + run.getKey() + " batch and block " + line);
            }
        }
        assertThat(new TreeSet<>(digests.stream().map(d -> d.substring(0, 64)).toList()))
                .as("%s", String.join("\n", digests))
                .hasSize(1);
        System.out.println("digest of all results: " + digests.getFirst().substring(0, 64));
    }
}
