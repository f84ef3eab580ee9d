package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.engine.token.sentencepiece.SentencePieceTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenizeCommandTest {
    @TempDir
    private Path folder;

    @Test
    void writesTheIdsOfEveryTextWithoutBos() throws IOException {
        Path model = tokenizer();
        String[] texts = {"Call me Ishmael.", "", " two  spaces\n", "naïve 😀"};
        ObjectMapper json = new ObjectMapper();
        Path input = folder.resolve("texts.json");
        json.writeValue(input.toFile(), texts);
        Path output = folder.resolve("ids.json");

        Invocation tokenize = Invocation.of("tokenize", "--tokenizer", model, "--texts", input, "--output", output);

        assertThat(tokenize).isEqualTo(new Invocation(ExitStatus.DONE, "", ""));
        int[][] ids = json.readValue(output.toFile(), int[][].class);
        SentencePieceTokenizer reference = SentencePieceTokenizer.load(model);
        assertThat(ids).hasNumberOfRows(texts.length);
        for (int i = 0; i < texts.length; i++) {
            assertThat(ids[i]).isEqualTo(reference.encode(texts[i])).doesNotContain(reference.bosId());
        }
        assertThat(ids[1]).isEmpty();
        assertThat(reference.decode(ids[0])).isEqualTo(texts[0]);
    }

    @Test
    void refusesATextThatIsNotAStringAndWritesNothing() throws IOException {
        Path input = Files.writeString(folder.resolve("texts.json"), "[\"one\", 2]");
        Path output = folder.resolve("ids.json");

        MainTest.assertRefused(
                Invocation.of("tokenize", "--tokenizer", tokenizer(), "--texts", input, "--output", output),
                "element 1 is 2, not a string");
        assertThat(folder).isDirectoryNotContaining("glob:**ids.json*");
    }

    @Test
    void refusesATokenizerThatIsNone() throws IOException {
        Path input = Files.writeString(folder.resolve("texts.json"), "[]");

        MainTest.assertRefused(
                Invocation.of(
                        "tokenize", "--tokenizer", input, "--texts", input, "--output", folder.resolve("ids.json")),
                "texts.json");
    }

    @Test
    void refusesAMissingTokenizer() {
        Path missing = folder.resolve("missing.model");

        MainTest.assertRefused(
                Invocation.of("tokenize", "--tokenizer", missing, "--texts", missing, "--output", folder.resolve("o")),
                "there is no tokenizer " + missing);
    }

    private static Path tokenizer() {
        assumeThat(GoldenFiles.tinyTokenizer())
                .as("needs the tokenizer of the bundled model")
                .isPresent();
        return GoldenFiles.tinyTokenizer().orElseThrow();
    }
}
