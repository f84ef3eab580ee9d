package io.spikelet.engine.score;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The strided evaluation of Hugging Face's guide to perplexity: the whole input is one string without BOS, windows of
 * {@code context} tokens begin every {@code stride} tokens and score the tokens that the previous window did not
 * contain, but never the first token of the window itself. {@code hf-guide-exact} weights every scored token equally.
 * {@code hf-guide} gives the number of the published code, which weights the mean of a window by its number of new
 * tokens minus one, although only the first window scores one token less.
 *
 * @param context at least 2
 * @param stride 1 to {@code context}
 * @param exact whether every token has weight 1
 */
public record HfGuideProtocol(int context, int stride, boolean exact) implements PerplexityProtocol {
    static final String NAME = "hf-guide";
    static final String EXACT_NAME = "hf-guide-exact";

    public HfGuideProtocol {
        if (context < 2) {
            throw new IllegalArgumentException(
                    "--context is " + context + "; protocol hf-guide needs at least 2 tokens");
        }
        if (stride < 1 || stride > context) {
            throw new IllegalArgumentException("--stride is " + stride
                    + "; protocol hf-guide needs at least 1 and at most the context, " + context);
        }
    }

    @Override
    public String name() {
        return exact ? EXACT_NAME : NAME;
    }

    @Override
    public boolean isPrefixed() {
        return false;
    }

    @Override
    public String reading() {
        String windows = "all documents as one string without BOS, in windows of " + context + " that begin every "
                + stride + " tokens";
        return exact ? windows : windows + ", with the published code's weights";
    }

    @Override
    public Optional<String> separator() {
        return Optional.of("\n\n");
    }

    @Override
    public List<Window> windows(int length) {
        List<Window> windows = new ArrayList<>();
        int previousEnd = 0;
        for (int begin = 0; previousEnd < length; begin += stride) {
            int end = (int) Math.min((long) begin + context, length);
            int from = Math.max(previousEnd, begin + 1);
            int labels = end - from;
            if (labels > 0) {
                double weight = exact ? 1 : (end - previousEnd - 1) / (double) labels;
                windows.add(new Window(begin, end - 1, from, false, weight));
            }
            previousEnd = end;
        }
        return windows;
    }
}
