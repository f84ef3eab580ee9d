package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SynthesizeCommandTest {
    @TempDir
    private Path folder;

    @Test
    void writesAModelOfThePresetsShapeThatVerifies() {
        Path output = folder.resolve("model");

        Invocation synthesize = Invocation.of("synthesize", "--preset", "tiny", "--output", output);

        assertThat(synthesize.err()).isEmpty();
        assertThat(synthesize.status()).isZero();
        assertThat(Invocation.of("inspect", "--verify", output).out()).contains("5,788,181", "every checksum matches");
    }

    @Test
    void aTokenizerIsPutBesideTheWeights() {
        Path tokenizer = GoldenFiles.tinyTokenizer().orElseThrow();
        Path output = folder.resolve("model");

        Invocation.of("synthesize", "--preset", "tiny", "--tokenizer", tokenizer, "--output", output);

        assertThat(output.resolve("tokenizer.model")).hasSameBinaryContentAs(tokenizer);
        assertThat(Invocation.of("inspect", "--verify", output).out()).contains("every checksum matches");
    }

    @Test
    void theSchemeOfASynthesizedModelIsTheChosenOne() {
        Path output = folder.resolve("model");

        Invocation synthesize = Invocation.of("synthesize", "--preset", "tiny", "--scheme", "w8a8", "--output", output);

        assertThat(synthesize.status()).as(synthesize.err()).isZero();
        assertThat(Invocation.of("inspect", "--verify", output).out()).contains("w8a8", "every checksum matches");
        MainTest.assertRefused(
                Invocation.of(
                        "synthesize",
                        "--preset",
                        "bispikclm-tiny",
                        "--scheme",
                        "w8a8",
                        "--output",
                        folder.resolve("other")),
                "bispikclm model has no scheme w8a8");
    }

    @Test
    void anUnknownPresetNamesTheKnownOnes() {
        MainTest.assertRefused(
                Invocation.of("synthesize", "--preset", "7b", "--output", folder.resolve("model")),
                "'7b' is none of 0.8b, 194m, bispikclm-1.3b, bispikclm-125m, bispikclm-350m, bispikclm-tiny, spikegpt-216m, spikegpt-tiny, tiny");
    }
}
