package io.spikelet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spikelet.engine.convert.Converter;
import io.spikelet.engine.convert.RoundedInputs;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.KeyValueType;
import io.spikelet.engine.telemetry.KernelChoice;
import io.spikelet.engine.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The promise to users: one digest of all results, whatever the JVM, the vector width, the batch or the prefill block. */
class BitIdentityTest {
    private static final Path MODEL = Fixtures.projectRoot().resolve("datasets/models/tiny");

    /**
     * Of the bundled SymbolicLight model. Ids, probabilities, scores and rates are those of version 0.1; only the texts of
     * completions differ, which keep their first space since 0.2.
     */
    private static final String DIGEST = "effb194e468f9209b8a88f8145eb03420c57afeed96abb9953c0d848158ad2fc";

    /** Of the family with time steps: an analogue first block, neurons that remember integers, a stream of sums. */
    private static final List<String> BINARY_CASES = List.of("b1-r-t4", "b4-p-softa", "b5-i-t4");

    private static final String NO_NATIVE = "-Dspikelet.native=false";
    private static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";

    @TempDir
    Path folder;

    /** Flags of each JVM, and the kernels that it must run with. */
    private static Map<List<String>, String> machines() {
        Map<List<String>, String> machines = new LinkedHashMap<>();
        machines.put(List.of(ChildJvm.VECTOR_MODULE, "-Dspikelet.kernels=scalar"), "scalar");
        machines.put(List.of(), "scalar");
        for (int bits : new int[] {128, 256, 512}) {
            machines.put(
                    List.of(ChildJvm.VECTOR_MODULE, "-Dspikelet.vector.bits=" + bits, NO_NATIVE), "vector-" + bits);
        }
        if (System.getProperty("os.arch").equals("amd64")) {
            machines.put(List.of(ChildJvm.VECTOR_MODULE, "-XX:UseAVX=2", NO_NATIVE), "vector-");
        }
        // The native library multiplies integers; a level that the CPU lacks is left out.
        for (String level : KernelChoice.nativeLevels()) {
            machines.put(List.of(ChildJvm.VECTOR_MODULE, NATIVE_ACCESS, "-Dspikelet.native=" + level), "vector-");
        }
        return machines;
    }

    @Test
    void everyMachineBatchAndBlockGivesTheSameResults() throws Exception {
        List<String> models = new ArrayList<>(List.of(MODEL.toString()));
        Path rounded = RoundedInputs.write(MODEL, folder.resolve("w8a8"));
        models.add(rounded.toString());
        for (KeyValueType type : List.of(KeyValueType.FLOAT16, KeyValueType.INT8)) {
            models.add(rounded + ResultDigest.KEY_VALUE_CACHE + type.label());
        }
        for (String name : BINARY_CASES) {
            models.add(
                    convert("bispikclm/" + name + "/checkpoint.pt", DType.INT8).toString());
        }
        for (DType type : List.of(DType.INT8, DType.W8A8, DType.FLOAT32)) {
            models.add(convert("spikegpt/g2-run/model.pth", type).toString());
        }
        models.add(convert("spikegpt/g3-learnable/model.pth", DType.INT8).toString());
        Map<List<String>, Future<List<String>>> runs = new LinkedHashMap<>();
        try (ExecutorService pool =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            for (List<String> flags : machines().keySet()) {
                Path output = folder.resolve("jvm-" + runs.size());
                runs.put(
                        flags,
                        pool.submit(
                                () -> ChildJvm.run(output, flags, ResultDigest.class, models.toArray(String[]::new))));
            }
        }
        List<List<String>> digests = new ArrayList<>(); // (model)
        models.forEach(model -> digests.add(new ArrayList<>()));
        for (Map.Entry<List<String>, Future<List<String>>> run : runs.entrySet()) {
            List<String> lines = run.getValue().get();
            assertThat(lines.getFirst())
                    .as("kernels with %s", run.getKey())
                    .startsWith(machines().get(run.getKey()));
            assertThat(lines)
                    .hasSize(1
                            + models.stream()
                                    .mapToInt(BitIdentityTest::combinations)
                                    .sum());
            int model = 0;
            int left = combinations(models.getFirst());
            for (String line : lines.subList(1, lines.size())) {
                if (left == 0) {
                    left = combinations(models.get(++model));
                }
                left--;
                digests.get(model)
                        .add(line.substring(line.lastIndexOf(' ') + 1) + " " + run.getKey() + " batch and block "
                                + line);
            }
        }
        for (int model = 0; model < models.size(); model++) {
            assertThat(digests.get(model).stream().map(d -> d.substring(0, 64)).distinct())
                    .as("%s: %s", models.get(model), String.join("\n", digests.get(model)))
                    .hasSize(1);
            System.out.println(
                    "digest of all results of " + Path.of(models.get(model)).getFileName() + ": "
                            + digests.get(model).getFirst().substring(0, 64));
        }
        assertThat(digests.getFirst().getFirst()).startsWith(DIGEST);
        assertThat(digests.stream().map(of -> of.getFirst().substring(0, 64)))
                .as("each model and each type of keys and values has results of its own")
                .doesNotHaveDuplicates();
    }

    /** Of batch and block that a model is run with. */
    private static int combinations(String model) {
        return model.contains(ResultDigest.KEY_VALUE_CACHE) ? 3 : 9;
    }

    /** With a token for each byte, so that texts can be given to it. */
    private Path convert(String checkpoint, DType type) throws IOException {
        Path tokenizer = Files.createDirectories(folder.resolve("bytes"));
        ObjectNode vocabulary = new ObjectMapper().createObjectNode();
        for (String token : List.of("<s>", "<pad>", "</s>", "<unk>")) {
            vocabulary.put(token, vocabulary.size());
        }
        for (int value = 0; value < 256; value++) {
            boolean itself = value >= 33 && value <= 126 || value >= 161 && value <= 172 || value >= 174;
            int others = (int) IntStream.range(0, value)
                    .filter(b -> b < 33 || b > 126 && b < 161 || b == 173)
                    .count();
            vocabulary.put(String.valueOf((char) (itself ? value : 256 + others)), vocabulary.size());
        }
        Files.writeString(tokenizer.resolve("vocab.json"), vocabulary.toString());
        Files.writeString(tokenizer.resolve("merges.txt"), "");
        Path output = folder.resolve(checkpoint.replaceAll("/[^/]*$", "").replace('/', '-') + "-" + type.label());
        Converter.convert(
                new Converter.Options(
                        Fixtures.golden(checkpoint),
                        output,
                        Optional.empty(),
                        Optional.of(tokenizer),
                        type,
                        type == DType.FLOAT32 ? DType.FLOAT32 : DType.INT8,
                        Optional.empty()),
                Families.mappings(),
                line -> {});
        return output;
    }
}
