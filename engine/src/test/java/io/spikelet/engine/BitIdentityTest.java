package io.spikelet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spikelet.engine.convert.Converter;
import io.spikelet.engine.convert.RoundedInputs;
import io.spikelet.engine.convert.Synthesizer;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.KeyValueType;
import io.spikelet.engine.model.ManifestReader;
import io.spikelet.engine.model.ModelVerifier;
import io.spikelet.engine.model.Scheme;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
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

    /**
     * Flags of each JVM, and a pattern of the kernels that it must run with.
     *
     * @param all whether there are JVMs of all kinds, or one of each implementation and the narrowest vectors
     */
    private static Map<List<String>, String> machines(boolean all) {
        Map<List<String>, String> machines = new LinkedHashMap<>();
        machines.put(List.of(ChildJvm.VECTOR_MODULE, "-Dspikelet.kernels=scalar"), "scalar");
        if (all) {
            machines.put(List.of(), "scalar");
        }
        for (int bits : all ? new int[] {128, 256, 512} : new int[] {128, ChildJvm.widestVectors()}) {
            if (bits <= ChildJvm.widestVectors()) {
                machines.put(
                        List.of(ChildJvm.VECTOR_MODULE, "-Dspikelet.vector.bits=" + bits, NO_NATIVE), "vector-" + bits);
            } else {
                System.out.println("skipped: this CPU has no vectors of " + bits + " bits");
            }
        }
        if (all && System.getProperty("os.arch").equals("amd64")) {
            machines.put(List.of(ChildJvm.VECTOR_MODULE, "-XX:UseAVX=2", NO_NATIVE), "vector-[0-9]+");
        }
        // The native library multiplies integers; a level that the CPU lacks is left out, too.
        List<String> levels = KernelChoice.nativeLevels();
        for (String level : all ? levels : levels.subList(Math.max(0, levels.size() - 1), levels.size())) {
            machines.put(
                    List.of(ChildJvm.VECTOR_MODULE, NATIVE_ACCESS, "-Dspikelet.native=" + level),
                    "vector-[0-9]+\\+" + level);
        }
        return machines;
    }

    @Test
    void everyMachineBatchAndBlockGivesTheSameResults() throws Exception {
        assertSameResults(false);
    }

    @Test
    @Tag("cluster") // minutes
    void everyBatchWithEveryBlockGivesTheSameResultsForEveryModel() throws Exception {
        assertSameResults(true);
    }

    /** @param all whether every model runs with every batch and block, or one of each kind with each of them once */
    private void assertSameResults(boolean all) throws Exception {
        int combinations = all ? 9 : 3;
        List<String> models = new ArrayList<>(List.of(olderModel().toString()));
        Path rounded = RoundedInputs.write(MODEL, folder.resolve("w8a8"));
        models.add(rounded.toString());
        for (KeyValueType type : all ? List.of(KeyValueType.FLOAT16, KeyValueType.INT8) : List.of(KeyValueType.INT8)) {
            models.add(rounded + ResultDigest.KEY_VALUE_CACHE + type.label());
        }
        for (String name : all ? BINARY_CASES : BINARY_CASES.subList(0, 1)) {
            models.add(
                    convert("bispikclm/" + name + "/checkpoint.pt", DType.INT8).toString());
        }
        models.add(convert("spikegpt/g2-run/model.pth", DType.INT8).toString());
        if (all) {
            models.add(convert("spikegpt/g2-run/model.pth", DType.W8A8).toString());
            models.add(convert("spikegpt/g2-run/model.pth", DType.FLOAT32).toString());
            models.add(convert("spikegpt/g3-learnable/model.pth", DType.INT8).toString());
        } else {
            for (Path model : List.of(
                    MODEL,
                    MODEL.resolveSibling("tiny-bispikclm"),
                    synthesized("spikegpt-tiny", Scheme.W8A32, "tiny-bispikclm"),
                    synthesized("tiny", Scheme.W8A8, "tiny"))) {
                models.add(ResultDigest.ROWS + model);
            }
        }
        String[] arguments = Stream.concat(Stream.of(all ? ResultDigest.ALL : "each"), models.stream())
                .toArray(String[]::new);
        Map<List<String>, String> machines = machines(all);
        Map<List<String>, Future<List<String>>> runs = new LinkedHashMap<>();
        try (ExecutorService pool =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            for (List<String> flags : machines.keySet()) {
                Path output = folder.resolve("jvm-" + runs.size());
                runs.put(flags, pool.submit(() -> ChildJvm.run(output, flags, ResultDigest.class, arguments)));
            }
        }
        List<List<String>> digests = new ArrayList<>(); // (model)
        models.forEach(model -> digests.add(new ArrayList<>()));
        for (Map.Entry<List<String>, Future<List<String>>> run : runs.entrySet()) {
            List<String> lines = run.getValue().get();
            assertThat(lines.getFirst()).as("kernels with %s", run.getKey()).matches(machines.get(run.getKey()));
            assertThat(lines).hasSize(1 + models.size() * combinations);
            for (int i = 0; i < lines.size() - 1; i++) {
                String line = lines.get(1 + i);
                digests.get(i / combinations)
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
        (all ? Map.<String, String>of() : RowDigest.expected()).forEach((name, digest) -> {
            int model = IntStream.range(0, models.size())
                    .filter(i -> models.get(i).startsWith(ResultDigest.ROWS)
                            && models.get(i).endsWith("/" + name))
                    .findFirst()
                    .orElseThrow();
            assertThat(digests.get(model).getFirst())
                    .as("rows of %s, as the job has them", name)
                    .startsWith(digest);
        });
        assertThat(digests.stream().map(of -> of.getFirst().substring(0, 64)))
                .as("each model and each type of keys and values has results of its own")
                .doesNotHaveDuplicates();
    }

    /** The bundled model under its manifest of before there were families, which says the same as today's. */
    private Path olderModel() throws IOException {
        Path older = Files.createDirectories(folder.resolve("older"));
        for (String file : List.of("weights.bin", "tokenizer.model")) {
            Files.copy(MODEL.resolve(file), older.resolve(file));
        }
        Files.copy(
                Fixtures.projectRoot().resolve("engine/src/test/resources/models/tiny-of-november-22/manifest.json"),
                older.resolve("manifest.json"));
        assertThat(ManifestReader.read(older, Families.all())).isEqualTo(ManifestReader.read(MODEL, Families.all()));
        ModelVerifier.verify(older, Families.all());
        return older;
    }

    /** @param tokenizer that of a bundled model */
    private Path synthesized(String preset, Scheme scheme, String tokenizer) {
        Path directory = folder.resolve(scheme == Scheme.W8A32 ? preset : preset + "-" + scheme.label());
        Synthesizer.synthesize(
                Families.mappings().preset(preset),
                5,
                scheme,
                Optional.of(MODEL.resolveSibling(tokenizer)),
                directory,
                line -> {});
        return directory;
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
