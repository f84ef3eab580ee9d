package io.spikelet.job.task;

import io.spikelet.engine.token.Tokenizer;
import io.spikelet.engine.token.Utf8;
import io.spikelet.job.UsageException;
import java.io.Serializable;
import java.util.Optional;

/**
 * The limits of one row; a row that exceeds them becomes an error. Serialized to the tasks.
 *
 * @param promptTokens most tokens of a prompt (with BOS) or document (without)
 * @param timeoutSeconds maximum time in the engine, including the time of the other rows in the batch
 * @param rowBytes maximum bytes of a text in UTF-8, checked before the tokenizer, which needs many times as much memory
 */
public record RowLimits(int promptTokens, double timeoutSeconds, long rowBytes) implements Serializable {
    /** Default maximum of bytes of a text. */
    public static final long DEFAULT_ROW_BYTES = 4 << 20;

    /** No limits other than those of the model and of memory. */
    public static final RowLimits NONE = new RowLimits(Integer.MAX_VALUE, Double.POSITIVE_INFINITY);

    /** A text with more bytes than this per allowed token is refused without counting its tokens. */
    private static final long BYTES_PER_TOKEN = 256;

    private static final long LEAST_BYTES = 1 << 16;
    private static final int BYTES_PER_CHAR = 3; // maximum bytes of a char in UTF-8

    /** With the usual limit on bytes. */
    public RowLimits(int promptTokens, double timeoutSeconds) {
        this(promptTokens, timeoutSeconds, DEFAULT_ROW_BYTES);
    }

    public RowLimits {
        if (promptTokens < 1) {
            throw new UsageException("--max-prompt-tokens is " + promptTokens + "; it must be at least 1");
        }
        if (!(timeoutSeconds > 0)) {
            throw new UsageException("--row-timeout is " + timeoutSeconds + "; it must be more than 0 seconds");
        }
        if (rowBytes < 1) {
            throw new UsageException("--max-row-bytes is " + rowBytes + "; it must be at least 1");
        }
    }

    /** These with another limit on tokens. */
    public RowLimits withPromptTokens(int tokens) {
        return new RowLimits(tokens, timeoutSeconds, rowBytes);
    }

    /** These with another limit on time. */
    public RowLimits withTimeout(double seconds) {
        return new RowLimits(promptTokens, seconds, rowBytes);
    }

    /** These with another limit on bytes. */
    public RowLimits withRowBytes(long bytes) {
        return new RowLimits(promptTokens, timeoutSeconds, bytes);
    }

    /** Whether there is a limit on tokens. */
    public boolean limitsTokens() {
        return promptTokens < Integer.MAX_VALUE;
    }

    /** Why a text is refused, if it is. */
    Optional<String> refusal(Tokenizer tokenizer, String text) {
        Optional<String> tooLarge = tooLarge(tokenizer, text, promptTokens);
        if (tooLarge.isPresent() || !limitsTokens()) {
            return tooLarge;
        }
        int tokens = tokenizer.encode(text).length;
        return tokens > promptTokens ? Optional.of(tooMany(tokens)) : Optional.empty();
    }

    /**
     * Why a text is refused before it is encoded, if it is.
     *
     * @param tokens that it may have
     */
    Optional<String> tooLarge(Tokenizer tokenizer, String text, int tokens) {
        int most = Math.min(tokens, promptTokens);
        return tooManyBytes(text, most).or(() -> certainlyTooMany(tokenizer, text, most));
    }

    private Optional<String> tooManyBytes(String text, int tokens) {
        long byTokens = Math.max(LEAST_BYTES, BYTES_PER_TOKEN * tokens);
        long most = Math.min(rowBytes, byTokens);
        if ((long) text.length() * BYTES_PER_CHAR <= most) {
            return Optional.empty();
        }
        long bytes = Utf8.length(text);
        if (bytes <= most) {
            return Optional.empty();
        }
        return Optional.of("the text has " + bytes + " bytes; "
                + (rowBytes <= byTokens
                        ? "--max-row-bytes allows " + rowBytes + ": shorten it or allow more"
                        : "with at most " + tokens + " tokens it may have " + byTokens + ": shorten it"));
    }

    /** A short text is always encoded: it is cheap, and the refusal can then state the number of tokens. */
    private Optional<String> certainlyTooMany(Tokenizer tokenizer, String text, int tokens) {
        if (text.length() < LEAST_BYTES || tokens == Integer.MAX_VALUE) {
            return Optional.empty();
        }
        long fewest = tokenizer.fewestTokens(text);
        return fewest <= tokens
                ? Optional.empty()
                : Optional.of("the text has at least " + fewest + " tokens; "
                        + (tokens == promptTokens
                                ? "--max-prompt-tokens allows " + promptTokens + ": shorten it or allow more"
                                : "the model's context has room for at most " + tokens + ": shorten it"));
    }

    /** Why a row of so many tokens is refused. */
    String tooMany(int tokens) {
        return "the text has " + tokens + " tokens; --max-prompt-tokens allows " + promptTokens
                + ": shorten it or allow more";
    }
}
