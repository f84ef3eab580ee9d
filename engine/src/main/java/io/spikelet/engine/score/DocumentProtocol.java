package io.spikelet.engine.score;

import java.util.ArrayList;
import java.util.List;

/**
 * The default: windows of {@code context} tokens begin every {@code stride} tokens of BOS + document. Each token is
 * scored once, in the first window that contains it. After the first window, every token has at least {@code context -
 * stride} tokens of context.
 *
 * @param context at least 2
 * @param stride at least 1 and below {@code context}
 */
public record DocumentProtocol(int context, int stride) implements PerplexityProtocol {
    static final String NAME = "document";

    public DocumentProtocol {
        if (context < 2) {
            throw new IllegalArgumentException(
                    "--context is " + context + "; protocol document needs at least 2 tokens");
        }
        if (stride < 1 || stride >= context) {
            throw new IllegalArgumentException("--stride is " + stride
                    + "; protocol document needs at least 1 and less than the context, " + context);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String reading() {
        return "each document in windows of " + context + " that begin every " + stride
                + " tokens, so that a token has at least " + (context - stride) + " before it";
    }

    @Override
    public List<Window> windows(int length) {
        List<Window> windows = new ArrayList<>();
        int scoredTo = 1; // BOS is not scored
        for (int begin = 0; scoredTo < length; begin += stride) {
            int to = (int) Math.min((long) begin + context, length);
            windows.add(new Window(begin, to - 1, scoredTo)); // the window's last token is a target only
            scoredTo = to;
        }
        return windows;
    }
}
