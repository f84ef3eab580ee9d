package io.spikelet.engine.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.Fixtures;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.CommonSampler;
import io.spikelet.engine.model.SamplerPolicy;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.token.BosPolicy;
import io.spikelet.engine.token.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A completion's text is exactly what must be appended to its prompt, on the bundled model. */
class CompletionTextTest {
    private static SpikingModel model;
    private static Tokenizer tokenizer;

    @BeforeAll
    static void open() {
        model = SpikingModel.open(Fixtures.projectRoot().resolve("datasets/models/tiny"), Families.all());
        tokenizer = model.tokenizer().orElseThrow();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static int[] prompt(String text) {
        return BosPolicy.PREPEND.apply(tokenizer, tokenizer.encode(text));
    }

    private static int[] joined(int[] left, int[] right) {
        return IntStream.concat(Arrays.stream(left), Arrays.stream(right)).toArray();
    }

    private static List<Completion> complete(SamplingParams params, List<int[]> prompts) {
        List<Completion> out = new ArrayList<>();
        try (Generator generator = new Generator(model, tokenizer, new Generator.Options(4, 40, false))) {
            generator
                    .generate(IntStream.range(0, prompts.size())
                            .mapToObj(i -> new GenerationRequest("r" + i, prompts.get(i), params, 7, 0))
                            .iterator())
                    .forEachRemaining(out::add);
        }
        assertThat(out)
                .hasSameSizeAs(prompts)
                .allSatisfy(c -> assertThat(c.errorMessage()).isNull());
        return out;
    }

    @ParameterizedTest
    @MethodSource("io.spikelet.engine.Samplers#all")
    void promptAndCompletionAreTheTextOfAllTokens(SamplerPolicy policy) {
        int[] character = tokenizer.encode("\u4F60"); // in bytes, after a space
        List<int[]> prompts = List.of(
                prompt("And the king said"),
                prompt("And the king said "),
                prompt("\u4F60"),
                prompt(""),
                tokenizer.encode("king"),
                new int[] {1, 1, 2},
                Arrays.copyOf(character, character.length - 1));
        SamplingParams params =
                SamplingParams.defaults(policy).change().maxNewTokens(12).build();

        for (List<String> stops : List.of(List.<String>of(), List.of("no such text"))) {
            SamplingParams stopping = params.change().stopStrings(stops).build();
            for (Completion completion : complete(stopping, prompts)) {
                int[] ids = completion.request().promptIds();
                assertThat(tokenizer.certainText(ids) + completion.text())
                        .as(Arrays.toString(ids))
                        .isEqualTo(tokenizer.decode(joined(ids, completion.tokenIds())));
            }
        }
    }

    /** Tokens of bytes may end in the middle of a character. */
    @Test
    void theSameHoldsForTokensOfBytes() {
        try (SpikingModel binary = SpikingModel.open(
                        Fixtures.projectRoot().resolve("datasets/models/tiny-bispikclm"), Families.all());
                Generator generator =
                        new Generator(binary, binary.tokenizer().orElseThrow(), new Generator.Options(4, 40, false))) {
            Tokenizer bytes = binary.tokenizer().orElseThrow();
            int[] character = bytes.encode("\u4F60");
            assertThat(character.length).isGreaterThan(1);
            List<int[]> prompts = List.of(
                    bytes.encode("And the king said"),
                    bytes.encode("na\u00efve \u65e5\u672c"),
                    character,
                    Arrays.copyOf(character, character.length - 1));
            SamplingParams params = SamplingParams.defaults(CommonSampler.GREEDY)
                    .change()
                    .maxNewTokens(12)
                    .build();
            List<Completion> completions = new ArrayList<>();
            generator
                    .generate(IntStream.range(0, prompts.size())
                            .mapToObj(i -> new GenerationRequest("r" + i, prompts.get(i), params, 7, 0))
                            .iterator())
                    .forEachRemaining(completions::add);

            assertThat(completions).hasSameSizeAs(prompts);
            for (Completion completion : completions) {
                int[] ids = completion.request().promptIds();
                assertThat(bytes.certainText(ids) + completion.text())
                        .as(Arrays.toString(ids))
                        .isEqualTo(bytes.decode(joined(ids, completion.tokenIds())));
            }
        }
    }

    @Test
    void theFirstSpaceOfACompletionIsKeptAndAStopMayBeginWithIt() {
        SamplingParams greedy = SamplingParams.defaults(CommonSampler.GREEDY)
                .change()
                .maxNewTokens(12)
                .build();
        List<int[]> king = List.of(prompt("And the king said"));
        Completion free = complete(greedy, king).getFirst();
        assertThat(free.text()).startsWith(" unto");

        Completion stopped = complete(
                        greedy.change().stopStrings(List.of(" unto")).build(), king)
                .getFirst();
        assertThat(stopped.text()).isEmpty();
        assertThat(stopped.finishReason()).isEqualTo(FinishReason.STOP);
        assertThat(stopped.tokenIds().length).isLessThan(free.tokenIds().length);
    }
}
