package io.spikelet.job.task;

import io.spikelet.engine.decode.LogprobDetail;
import io.spikelet.engine.decode.SamplingParams;
import io.spikelet.engine.model.CommonSampler;
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

/** Task files, filters and what rows say about their completions. */
class TaskFuzzTest {
    private static final GenerationSettings SETTINGS = new GenerationSettings(
            SamplingParams.defaults(CommonSampler.GREEDY), LogprobDetail.NONE, 7, 2048, 4096, 1, false, false);

    enum Target {
        TASKS(new Fuzzer(
                "tasks",
                List.of(),
                words(
                        "name: description: {choice} {a|strip} |capitalize &a *a << - [a, b] ? | > --- ... \n \"\\u0000\" "),
                List.of(UsageException.class),
                input -> {
                    ChoiceTask.parse(text(input), "task.yaml");
                    return null;
                })),
        FILTERS(new Fuzzer(
                "filters",
                List.of(),
                words("[title] [ ] _ \u0130 \u03a3 ' \n \ud83d\ude00 \u0307 "),
                List.of(MalformedItemException.class),
                input -> {
                    for (TextFilter filter : TextFilter.values()) {
                        filter.apply(text(input));
                    }
                    return null;
                })),
        OVERRIDES(new Fuzzer(
                "overrides",
                List.of(),
                words("{}[],: \"seed\":4.0, \"stop\":\"[\" \"stop_ids\":[1] \"temperature\":NaN 1e999 null "),
                List.of(IllegalArgumentException.class),
                input -> {
                    RowOverrides.of(text(input), SETTINGS);
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
