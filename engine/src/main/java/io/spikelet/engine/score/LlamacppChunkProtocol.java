package io.spikelet.engine.score;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The chunks of llama.cpp's {@code llama-perplexity}: the whole input is one string with BOS first, cut into chunks of
 * {@code context} tokens. The incomplete last chunk is dropped, BOS replaces each chunk's first token in the input, and
 * only the second half of a chunk is scored: targets {@code context / 2 + 1} to {@code context - 1}, 255 of 512. A
 * string of less than two chunks has no perplexity.
 *
 * @param context at least 3
 */
public record LlamacppChunkProtocol(int context) implements PerplexityProtocol {
    static final String NAME = "llamacpp-chunk";

    public LlamacppChunkProtocol {
        if (context < 3) {
            throw new IllegalArgumentException(
                    "--context is " + context + "; protocol llamacpp-chunk needs at least 3 tokens");
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String reading() {
        return "all documents as one string in chunks of " + context + ", of which only the second half is scored";
    }

    /** A line feed: joining the lines of a text file, each read as one row, restores the file. */
    @Override
    public Optional<String> separator() {
        return Optional.of("\n");
    }

    @Override
    public List<Window> windows(int length) {
        List<Window> windows = new ArrayList<>();
        int chunks = length / context;
        for (int i = 0; i < chunks && chunks >= 2; i++) {
            int begin = i * context;
            windows.add(new Window(begin, begin + context - 1, begin + context / 2 + 1, true, 1));
        }
        return windows;
    }
}
