package io.spikelet.job.plan;

import io.spikelet.job.UsageException;
import io.spikelet.job.fuzz.Fuzzer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lines and templates of others. */
class LinesFuzzTest {
    private static final String JSON_WORDS =
            "{}[],: \"prompt\":[[1]], \"n\":129, \"stop\":[\"x\"], \\ud83d 1e999 -0.0 null \"text\":\"a\" \"custom_id\":\"b\" ";

    enum Target {
        BATCH_LINES(new Fuzzer(
                "batch-lines",
                List.of(),
                words(JSON_WORDS),
                List.of(),
                input -> new BatchLineParser()
                        .call(text(input))
                        .<String>getAs(BatchLineParser.TYPE.fieldIndex("fault")))),
        JSON_LINES(new Fuzzer(
                "json-lines",
                List.of(),
                words(JSON_WORDS),
                List.of(),
                input -> new JsonLineCheck("text").call(text(input)))),
        TEMPLATES(new Fuzzer(
                "templates", List.of(), words("{{ }} {a} { } {a.b} "), List.of(UsageException.class), input -> {
                    PromptTemplate.parse(text(input)).columns();
                    return null;
                }));

        private final Fuzzer fuzzer;

        Target(Fuzzer fuzzer) {
            this.fuzzer = fuzzer;
        }
    }

    private static List<byte[]> words(String words) {
        return Stream.of(words.split("(?<= )"))
                .map(word -> word.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    private static String text(byte[] input) {
        return new String(input, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @EnumSource
    void seedsAreReadOrRefused(Target target) {
        target.fuzzer.readSeeds();
    }

    @Tag("fuzz")
    @Execution(ExecutionMode.CONCURRENT)
    @ParameterizedTest
    @EnumSource
    void mutationsAreReadOrRefused(Target target) {
        target.fuzzer.readMutations();
    }
}
