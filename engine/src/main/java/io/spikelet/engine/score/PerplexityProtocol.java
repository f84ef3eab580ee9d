package io.spikelet.engine.score;

import java.util.List;
import java.util.Optional;

/**
 * How a document is split into windows, and which tokens are scored in each. A perplexity is only meaningful with its
 * protocol. Immutable and thread-safe.
 */
public sealed interface PerplexityProtocol
        permits DocumentProtocol,
                BlockProtocol,
                StreamProtocol,
                LmEvalProtocol,
                LlamacppChunkProtocol,
                HfGuideProtocol {
    /** Every name that {@link #parse} knows. */
    List<String> NAMES = List.of(
            DocumentProtocol.NAME,
            BlockProtocol.NAME,
            StreamProtocol.NAME,
            LmEvalProtocol.NAME,
            LlamacppChunkProtocol.NAME,
            HfGuideProtocol.NAME,
            HfGuideProtocol.EXACT_NAME);

    /** The {@link #context} of a protocol with an unbounded window. */
    int UNBOUNDED = Integer.MAX_VALUE;

    /** The value in the tables and on the command line. */
    String name();

    /** Maximum number of input tokens of a window, or {@link #UNBOUNDED}. */
    int context();

    /** Distance in tokens between the beginnings of consecutive windows; 0 for a protocol without this parameter. */
    default int stride() {
        return 0;
    }

    /** Whether the prefix token precedes the document's tokens; it is only input and never scored. */
    default boolean isPrefixed() {
        return true;
    }

    /**
     * The separator between documents that are joined to one string; empty if each is scored on its own.
     */
    default Optional<String> separator() {
        return Optional.empty();
    }

    /** A description of how the protocol reads documents, which explains why its number differs from others. */
    String reading();

    /**
     * The windows in the order of the tokens that they score; each begins after the beginning of the one before.
     *
     * @param length tokens of the sequence, the prefix included if it {@link #isPrefixed}
     * @return empty if there is nothing to score
     */
    List<Window> windows(int length);

    /**
     * The protocol with a name.
     *
     * @param context tokens; by convention the model's {@code max_seq_len} unless the user says otherwise
     * @param stride tokens; by convention half the context; only {@code document} and {@code hf-guide} use it
     * @throws IllegalArgumentException for an unknown name, or a context or stride that the protocol cannot use
     */
    static PerplexityProtocol parse(String name, int context, int stride) {
        return switch (name) {
            case DocumentProtocol.NAME -> new DocumentProtocol(context, stride);
            case BlockProtocol.NAME -> new BlockProtocol(context);
            case StreamProtocol.NAME -> new StreamProtocol();
            case LmEvalProtocol.NAME -> new LmEvalProtocol(context);
            case LlamacppChunkProtocol.NAME -> new LlamacppChunkProtocol(context);
            case HfGuideProtocol.NAME -> new HfGuideProtocol(context, stride, false);
            case HfGuideProtocol.EXACT_NAME -> new HfGuideProtocol(context, stride, true);
            default ->
                throw new IllegalArgumentException(
                        "--protocol is '" + name + "'; it must be one of " + String.join(", ", NAMES));
        };
    }
}
