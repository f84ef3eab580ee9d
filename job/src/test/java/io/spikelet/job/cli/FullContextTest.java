package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.ManifestReader;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.engine.token.sentencepiece.SentencePieceTokenizer;
import io.spikelet.job.SparkTest;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FullContextTest extends SparkTest {
    @Test
    void aPromptThatFillsTheContextIsAcceptedWhereNothingIsToCome() throws Exception {
        Tokenizer tokenizer = SentencePieceTokenizer.load(model().resolve("tokenizer.model"));
        int context = ManifestReader.read(model(), Families.all()).config().contextLength();
        String full = "whale";
        while (1 + tokenizer.encode(full).length < context) {
            full += " whale";
        }
        assertThat(1 + tokenizer.encode(full).length).isEqualTo(context);
        write(
                "in.jsonl",
                "{\"id\": \"full\", \"prompt\": \"" + full + "\"}",
                "{\"id\": \"over\", \"prompt\": \"" + full + " whale\"}");

        assertThat(errors("0")).containsExactly(null, "too_long");
        assertThat(errors("1")).containsExactly("too_long", "too_long");
    }

    private List<String> errors(String newTokens) {
        Path output = folder.resolve("out-" + newTokens);
        Invocation run = Invocation.of(
                "generate",
                "--model",
                model(),
                "--input",
                folder.resolve("in.jsonl"),
                "--output",
                output,
                "--max-new-tokens",
                newTokens,
                "--max-errors",
                "2");
        assertThat(run.status()).as(run.err()).isZero();
        return table(output, "completions").orderBy("row_id").collectAsList().stream()
                .map(row -> row.<String>getAs("error_class"))
                .toList();
    }
}
