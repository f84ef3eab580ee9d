package io.spikelet.engine.token.sentencepiece;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.engine.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;

/** The two released tokenizers with what SentencePiece 0.1.97 makes of them. */
enum GoldenTokenizer {
    V0_8B("symboliclight-0.8b.model", "tokenizer-08b.json"),
    V194M("symboliclight-194m.model", "tokenizer-194m.json");

    private final String model;
    private final String golden;

    GoldenTokenizer(String model, String golden) {
        this.model = model;
        this.golden = golden;
    }

    /** The tokenizer; skips the test when the shared folder does not hold its model. */
    SentencePieceTokenizer tokenizer() throws IOException {
        return SentencePieceTokenizer.load(modelFile());
    }

    Path modelFile() {
        return present("tokenizers/" + model);
    }

    JsonNode expected() throws IOException {
        return new ObjectMapper().readTree(Fixtures.golden(golden).toFile());
    }

    static String wikiText(String split) throws IOException {
        return Files.readString(present("wikitext-2/" + split + ".txt"));
    }

    static int[] ids(JsonNode array) {
        return IntStream.range(0, array.size())
                .map(i -> array.get(i).intValue())
                .toArray();
    }

    private static Path present(String relative) {
        Optional<Path> file = Fixtures.shared(relative);
        assumeTrue(file.isPresent(), "skipped: ../shared/" + relative + " is absent");
        return file.orElseThrow();
    }
}
