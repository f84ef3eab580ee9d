package io.spikelet.engine.token.sentencepiece;

import io.spikelet.engine.Fixtures;
import java.io.IOException;
import java.nio.file.Path;

/** The tokenizer of the bundled model: 4096 pieces, identity normalizer, byte fallback, no user-defined symbols. */
public final class TinyTokenizer {
    public static final Path FILE = Fixtures.projectRoot().resolve("engine/src/test/resources/tiny/tokenizer.model");

    private TinyTokenizer() {}

    public static SentencePieceTokenizer load() throws IOException {
        return SentencePieceTokenizer.load(FILE);
    }
}
