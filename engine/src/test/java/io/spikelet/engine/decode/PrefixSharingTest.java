package io.spikelet.engine.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.ByteTokenizer;
import io.spikelet.engine.Fixtures;
import io.spikelet.engine.GoldenCase;
import io.spikelet.engine.GoldenCase.Weights;
import io.spikelet.engine.Samplers;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.family.symboliclight.SymbolicLightSampler;
import io.spikelet.engine.model.CommonSampler;
import io.spikelet.engine.model.SamplerPolicy;
import io.spikelet.engine.model.SpikingModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PrefixSharingTest {
    private static final ByteTokenizer TOKENIZER = new ByteTokenizer();
    private static final long AMPLE = 1 << 24;

    @TempDir
    Path folder;

    private static final String BINARY = "tiny-bispikclm";

    static Stream<String> cases() {
        return GoldenCase.NAMES.stream();
    }

    private static Generator.Options options(int batchSize, int maxColumns, long prefixBytes) {
        return new Generator.Options(batchSize, maxColumns, false, AMPLE, prefixBytes, Double.POSITIVE_INFINITY);
    }

    private static GenerationRequest request(String rowId, SamplerPolicy policy, int maxNewTokens, int... prompt) {
        SamplingParams params = SamplingParams.defaults(policy)
                .change()
                .maxNewTokens(maxNewTokens)
                .repetitionPenalty(1.2f)
                .build();
        return new GenerationRequest(rowId, prompt, params, 7, 0);
    }

    private static int[] ids(int seed, int length) {
        Random random = new Random(seed);
        return IntStream.range(0, length).map(i -> 20 + random.nextInt(250)).toArray();
    }

    private static int[] join(int[] first, int[] second) {
        int[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /** Equal prompts, prompts inside others, two levels of common beginnings, and strangers, in a random order. */
    private static List<GenerationRequest> tangledRequests() {
        List<GenerationRequest> requests = new ArrayList<>();
        int[] trunk = ids(1, 21);
        for (int i = 0; i < 60; i++) {
            int[] branch = join(trunk, ids(2 + i % 3, 11));
            int[] prompt = switch (i % 6) {
                case 0 -> trunk;
                case 1 -> branch;
                case 2 -> join(branch, ids(100 + i, 1 + i % 7));
                case 3 -> join(trunk, ids(200 + i, 1 + i % 20));
                case 4 -> Arrays.copyOf(branch, 1 + i % 30);
                default -> ids(300 + i, 1 + i % 40);
            };
            requests.add(request("row-" + i, Samplers.ALL.get(i % 3), 1 + i % 9, prompt));
        }
        Collections.shuffle(requests, new Random(3));
        return requests;
    }

    private static Map<String, String> complete(Generator generator, List<GenerationRequest> requests) {
        Map<String, String> rows = new TreeMap<>();
        generator
                .generate(requests.iterator())
                .forEachRemaining(c ->
                        assertThat(rows.put(c.request().rowId(), content(c))).isNull());
        assertThat(rows).hasSize(requests.size());
        return rows;
    }

    private static String content(Completion c) {
        return Arrays.toString(c.tokenIds()) + Arrays.toString(c.tokenLogprobs()) + c.sumLogprob() + c.text()
                + c.finishReason() + c.spikes().rate("encoder").orElse(0) + " "
                + c.spikes().rate("ffn").orElse(0)
                + c.operations() + c.errorMessage();
    }

    private static long positions(List<GenerationRequest> requests) {
        return requests.stream().mapToLong(r -> r.promptIds().length).sum();
    }

    static Stream<String> casesAndFamilies() {
        return Stream.concat(cases(), Stream.of(BINARY));
    }

    private SpikingModel open(String name) {
        return name.equals(BINARY)
                ? SpikingModel.open(
                        Fixtures.projectRoot().resolve("datasets/models").resolve(name), Families.all())
                : GoldenCase.load(name).open(folder, Weights.INT8_EMBEDDING);
    }

    @ParameterizedTest
    @MethodSource("casesAndFamilies")
    void nothingOfItShowsInAnyRow(String name) {
        try (SpikingModel model = open(name)) {
            List<GenerationRequest> requests = tangledRequests();
            Map<String, String> expected = new TreeMap<>();
            for (GenerationRequest request : requests) {
                try (Generator alone = new Generator(model, TOKENIZER, options(1, 64, 0))) {
                    expected.putAll(complete(alone, List.of(request)));
                    assertThat(alone.reusedPositions()).isZero();
                }
            }
            for (int[] sizes : new int[][] {{1, 1}, {1, 64}, {3, 5}, {16, 16}, {16, 64}}) {
                for (long bytes : new long[] {0, 60_000, AMPLE}) { // none, a few snapshots, all
                    try (Generator generator = new Generator(model, TOKENIZER, options(sizes[0], sizes[1], bytes))) {
                        assertThat(complete(generator, requests))
                                .as("%s with %d bytes", Arrays.toString(sizes), bytes)
                                .isEqualTo(expected);
                        assertThat(generator.prefilledPositions() + generator.reusedPositions())
                                .isEqualTo(positions(requests));
                    }
                }
            }
        }
    }

    @Test
    void equalPromptsAreDecodedOnce() {
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8)) {
            for (int length : new int[] {1, 2, 30}) {
                int[] prompt = ids(1, length);
                List<GenerationRequest> requests = IntStream.range(0, 20)
                        .mapToObj(i -> request("row-" + i, SymbolicLightSampler.V0_8B, 1 + i % 4, prompt))
                        .toList();
                for (int batch : new int[] {1, 4, 32}) {
                    try (Generator generator = new Generator(model, TOKENIZER, options(batch, 32, AMPLE))) {
                        complete(generator, requests);
                        assertThat(generator.prefilledPositions()).isEqualTo(length);
                        assertThat(generator.reusedPositions()).isEqualTo(19L * length);
                    }
                }
            }
        }
    }

    @Test
    void aCommonBeginningIsDecodedOnceInABatchAndTwiceOneByOne() {
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8)) {
            int[] trunk = ids(1, 40);
            List<GenerationRequest> requests = IntStream.range(0, 20)
                    .mapToObj(i ->
                            request("row-" + i, CommonSampler.GREEDY, 3, join(trunk, new int[] {20 + i, 50, 60})))
                    .toList();
            try (Generator generator = new Generator(model, TOKENIZER, options(20, 32, AMPLE))) {
                complete(generator, requests);
                assertThat(generator.prefilledPositions()).isEqualTo(40 + 20 * 3);
            }
            try (Generator generator = new Generator(model, TOKENIZER, options(20, 32, 0))) { // nothing is kept
                complete(generator, requests);
                assertThat(generator.prefilledPositions()).isEqualTo(40 + 20 * 3);
            }
            try (Generator generator = new Generator(model, TOKENIZER, options(1, 32, AMPLE))) {
                complete(generator, requests);
                assertThat(generator.prefilledPositions()).isEqualTo(2 * 40 + 20 * 3);
                complete(generator, requests);
                assertThat(generator.prefilledPositions()).as("remembered").isEqualTo(2 * 40 + 20 * 3);
            }
        }
    }

    @Test
    void strangersAreLeftAlone() {
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8);
                Generator generator = new Generator(model, TOKENIZER, options(4, 32, AMPLE))) {
            List<GenerationRequest> requests = IntStream.range(0, 30)
                    .mapToObj(i -> request("row-" + i, CommonSampler.GREEDY, 3, join(new int[] {1}, ids(i, 20))))
                    .toList();
            complete(generator, requests);
            assertThat(generator.reusedPositions()).isZero();
            assertThat(generator.prefilledPositions()).isEqualTo(30 * 21);
        }
    }

    @Test
    void aBeginningThatEveryRowUsesOutlastsTheRows() {
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8)) {
            int[] trunk = ids(1, 40);
            List<GenerationRequest> requests = IntStream.range(0, 60)
                    .mapToObj(i -> request("row-" + i, CommonSampler.GREEDY, 1 + i % 5, join(trunk, ids(i + 2, 9))))
                    .toList();
            long two;
            try (Decoder decoder = new Decoder(model, 64)) {
                two = 2 * (decoder.stateBytes(49) + 4L * decoder.vocabulary());
            }
            for (int batch : new int[] {1, 16}) {
                try (Generator generator = new Generator(model, TOKENIZER, options(batch, 64, two))) {
                    complete(generator, requests);
                    assertThat(generator.prefilledPositions()).isLessThanOrEqualTo(2 * 40 + 60 * 9);
                }
            }
        }
    }

    @Test
    void rowsThatWaitForARowThatFailsGoOnWithoutIt() {
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8);
                Generator generator = new Generator(model, TOKENIZER, options(4, 4, AMPLE))) {
            int[] trunk = ids(1, 30);
            int[] poison = join(trunk, new int[] {60, 70});
            List<GenerationRequest> good = IntStream.range(0, 3)
                    .mapToObj(i ->
                            request("row-" + i, SymbolicLightSampler.V0_8B, 5 + i, join(trunk, new int[] {80 + i, 90})))
                    .toList();
            List<GenerationRequest> requests = new ArrayList<>(good);
            requests.add(0, request("poison", SymbolicLightSampler.V0_8B, 4, poison));
            requests.add(1, request("short", CommonSampler.GREEDY, 1, 60));
            Iterator<Completion> completions = generator.generate(requests.iterator());
            Map<String, String> rows = new TreeMap<>();
            Completion first = completions.next();
            assertThat(first.request().rowId()).isEqualTo("short");
            poison[20] = 99_999; // after the request was checked, while others wait for this row
            completions.forEachRemaining(c -> rows.put(c.request().rowId(), content(c)));

            assertThat(rows.remove("poison")).contains("99999");
            try (Generator fresh = new Generator(model, TOKENIZER, options(1, 4, 0))) {
                assertThat(rows).isEqualTo(complete(fresh, good));
            }
        }
    }

    @Test
    void rowsThatWaitForARowThatRunsOutOfTimeGoOnWithoutIt() {
        double limitSeconds = 2;
        int[] trunk = ids(1, 30);
        List<GenerationRequest> good = IntStream.range(0, 3)
                .mapToObj(i ->
                        request("row-" + i, SymbolicLightSampler.V0_8B, 5 + i, join(trunk, new int[] {80 + i, 90})))
                .toList();
        List<GenerationRequest> requests = new ArrayList<>(good);
        requests.addFirst(request("slow", SymbolicLightSampler.V0_8B, 4, join(trunk, new int[] {60, 70})));
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8);
                Generator generator = new Generator(
                        model, TOKENIZER, new Generator.Options(4, 4, false, AMPLE, AMPLE, limitSeconds));
                Generator fresh = new Generator(model, TOKENIZER, options(1, 4, 0))) {
            Map<String, String> expected = complete(fresh, good);
            Iterator<Completion> completions = generator.generate(lateAfterTheFirst(requests, limitSeconds));

            Completion slow = completions.next();
            assertThat(slow.request().rowId()).isEqualTo("slow");
            assertThat(slow.errorClass()).isEqualTo("timeout");
            Map<String, String> rows = new TreeMap<>();
            completions.forEachRemaining(c -> rows.put(c.request().rowId(), content(c)));
            assertThat(rows).isEqualTo(expected);
        }
    }

    /** Requests of which the first is in flight for longer than the limit when the others come, which wait for it. */
    private static Iterator<GenerationRequest> lateAfterTheFirst(
            List<GenerationRequest> requests, double limitSeconds) {
        long[] firstTaken = {0};
        return requests.stream()
                .peek(request -> {
                    if (firstTaken[0] == 0) {
                        firstTaken[0] = System.nanoTime();
                    }
                    while (!request.rowId().equals("slow")
                            && System.nanoTime() - firstTaken[0] <= limitSeconds * 1.1e9) {
                        Thread.onSpinWait();
                    }
                })
                .iterator();
    }
}
