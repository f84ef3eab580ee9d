package io.spikelet.job.cli;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonGenerator;
import io.spikelet.engine.model.TokenizerFiles;
import io.spikelet.engine.token.SpecialTokens;
import io.spikelet.engine.token.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Texts to token ids. */
@Command(
        name = "tokenize",
        description = "Writes the token ids of texts, without BOS or EOS.",
        footer = {
            "",
            "Example:",
            "  echo '[\"Call me Ishmael.\"]' > texts.json",
            "  spikelet tokenize --tokenizer tokenizer.model --texts texts.json --output ids.json",
        })
final class TokenizeCommand implements Callable<Integer> {
    @Option(
            names = "--tokenizer",
            required = true,
            paramLabel = "PATH",
            description =
                    "SentencePiece .model, vocab.json (with merges.txt in the same folder), tokenizer.json, or a folder with one.")
    private Path tokenizer;

    @Option(names = "--texts", required = true, paramLabel = "FILE", description = "JSON array of strings.")
    private Path texts;

    @Option(
            names = "--output",
            required = true,
            paramLabel = "FILE",
            description = "JSON file to write: an array of ids for each text. An existing file is replaced.")
    private Path output;

    @Override
    public Integer call() throws IOException {
        Tokenizer pieces = TokenizerFiles.at(tokenizer).tokenizer(SpecialTokens.NONE);
        try (AtomicFile staged = new AtomicFile(output)) {
            try (JsonGenerator json =
                    JsonArray.FACTORY.createGenerator(Files.newOutputStream(staged.path()), JsonEncoding.UTF8)) {
                json.writeStartArray();
                JsonArray.strings(texts, element -> {
                    int[] ids = pieces.encode(element.getText());
                    json.writeArray(ids, 0, ids.length);
                });
                json.writeEndArray();
                json.writeRaw('\n');
            }
            staged.publish();
        }
        return ExitStatus.DONE;
    }
}
