package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.job.SparkTest;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code --ablate}: other numbers, recorded, and never mixed with those of the whole model. */
final class AblationOptionTest extends SparkTest {
    private static final String[] TEXTS = {
        "{\"id\": \"a\", \"text\": \"And God said, Let there be light: and there was light.\"}",
        "{\"id\": \"b\", \"text\": \"The whale rose, and the boats were lowered into the sea.\"}",
    };

    @Test
    void ablationsChangeTheNumbersAndAreRecorded() throws Exception {
        Path input = write("in.jsonl", TEXTS);
        double whole = perplexity(input, folder.resolve("whole"));
        double mute = perplexity(input, folder.resolve("mute"), "--ablate", "attention,decay,prior");
        double ranked = perplexity(input, folder.resolve("ranked"), "--ablate", "lif-topk");

        assertThat(mute).isGreaterThan(1.5 * whole);
        assertThat(ranked).isNotEqualTo(whole);
        JsonNode recorded = new ObjectMapper()
                .readTree(table(folder.resolve("mute"), "runs").head().<String>getAs("configuration"));
        assertThat(recorded.get("ablate").asText()).isEqualTo("attention, decay, prior");

        Invocation mixed = run(input, folder.resolve("whole"), "--ablate", "prior", "--resume");
        assertThat(mixed.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(mixed.err()).contains("ablate: (none) → prior");
    }

    @Test
    void anUnknownPartIsRefusedBeforeSparkStarts() {
        Invocation unknown = run(write("in.jsonl", TEXTS), folder.resolve("out"), "--ablate", "norms");
        assertThat(unknown.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(unknown.err()).contains("--ablate is 'norms'").hasLineCount(1);
    }

    private double perplexity(Path input, Path output, String... options) {
        Invocation done = run(input, output, options);
        assertThat(done.status()).as(done.err()).isZero();
        return table(output, "summary").head().getAs("perplexity");
    }

    private static Invocation run(Path input, Path output, String... options) {
        return Invocation.of(Stream.concat(
                        Stream.of("perplexity", "--model", model(), "--input", input, "--output", output),
                        Stream.of(options))
                .toArray());
    }
}
