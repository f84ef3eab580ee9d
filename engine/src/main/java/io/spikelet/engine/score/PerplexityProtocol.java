package io.spikelet.engine.score;

import java.util.List;

/**
 * How a document is cut into windows, and which tokens are scored in which. A perplexity means nothing without its
 * protocol. Immutable and thread-safe.
 */
public sealed interface PerplexityProtocol permits DocumentProtocol, BlockProtocol, LmEvalProtocol {
    /** Every name that {@link #parse} knows. */
    List<String> NAMES = List.of(DocumentProtocol.NAME, BlockProtocol.NAME, LmEvalProtocol.NAME);

    /** The value in the tables and on the command line. */
    String name();

    /** Most input tokens of a window. */
    int context();

    /** Whether BOS stands before the document's tokens; it is input, never scored. */
    boolean prefixed();

    /**
     * The windows in the order of what they score.
     *
     * @param length tokens of the sequence, BOS included if {@link #prefixed}
     * @return empty if there is nothing to score
     */
    List<Window> windows(int length);

    /**
     * The protocol of a name.
     *
     * @param context tokens; by convention the model's {@code max_seq_len} unless the user says otherwise
     * @param stride tokens; by convention half the context; only {@code document} uses it
     * @throws IllegalArgumentException for an unknown name, or a context or stride that the protocol cannot use
     */
    static PerplexityProtocol parse(String name, int context, int stride) {
        return switch (name) {
            case DocumentProtocol.NAME -> new DocumentProtocol(context, stride);
            case BlockProtocol.NAME -> new BlockProtocol(context);
            case LmEvalProtocol.NAME -> new LmEvalProtocol(context);
            default ->
                throw new IllegalArgumentException(
                        "--protocol is '" + name + "'; it must be one of " + String.join(", ", NAMES));
        };
    }
}
