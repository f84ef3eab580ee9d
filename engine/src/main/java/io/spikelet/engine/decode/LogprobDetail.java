package io.spikelet.engine.decode;

import java.io.Serializable;

/**
 * Log-probabilities of a completion in addition to those of its own tokens. None of it changes the completion.
 *
 * @param top number of most likely ids reported for every position, 0 to {@value #MOST}
 * @param prompt whether the tokens of the prompt are reported too; such a prompt is decoded completely, without a shared prefix
 */
public record LogprobDetail(int top, boolean prompt) implements Serializable {
    /** Maximum number of ids reported per position. */
    public static final int MOST = 100;

    /** Only the log-probabilities of the generated tokens. */
    public static final LogprobDetail NONE = new LogprobDetail(0, false);

    public LogprobDetail {
        if (top < 0 || top > MOST) {
            throw new IllegalArgumentException("--top-logprobs is " + top + "; it must be 0 to " + MOST);
        }
    }
}
