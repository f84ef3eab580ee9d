package io.spikelet.job.task;

import io.spikelet.engine.token.Tokenizer;
import io.spikelet.job.UsageException;
import java.io.Serializable;
import java.util.Optional;

/**
 * What one row may cost; a row that wants more ends with an error. Travels to the tasks.
 *
 * @param promptTokens most tokens of a prompt (with BOS) or document (without)
 * @param timeoutSeconds most time in the engine, that of the rows beside it included
 */
public record RowLimits(int promptTokens, double timeoutSeconds) implements Serializable {
    /** No limits but those of the model. */
    public static final RowLimits NONE = new RowLimits(Integer.MAX_VALUE, Double.POSITIVE_INFINITY);

    public RowLimits {
        if (promptTokens < 1) {
            throw new UsageException("--max-prompt-tokens is " + promptTokens + "; it must be at least 1");
        }
        if (!(timeoutSeconds > 0)) {
            throw new UsageException("--row-timeout is " + timeoutSeconds + "; it must be more than 0 seconds");
        }
    }

    /** Whether there is a limit on tokens. */
    public boolean limitsTokens() {
        return promptTokens < Integer.MAX_VALUE;
    }

    /** Why a text is refused, if it is. */
    Optional<String> refusal(Tokenizer tokenizer, String text) {
        if (!limitsTokens()) {
            return Optional.empty();
        }
        int tokens = tokenizer.encode(text).length;
        return tokens > promptTokens ? Optional.of(tooMany(tokens)) : Optional.empty();
    }

    /** Why a row of so many tokens is refused. */
    String tooMany(int tokens) {
        return "the text has " + tokens + " tokens; --max-prompt-tokens allows " + promptTokens
                + ": shorten it or allow more";
    }
}
