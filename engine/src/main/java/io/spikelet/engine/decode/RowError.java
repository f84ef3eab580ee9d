package io.spikelet.engine.decode;

import io.spikelet.engine.model.FamilyConfig;
import java.util.Optional;

/**
 * Why one row has no completion.
 *
 * @param errorClass the value in the tables
 * @param message names the problem, the value, the limit and the remedy
 */
record RowError(String errorClass, String message) {
    /** The error of a request that is refused before any work. */
    static Optional<RowError> of(GenerationRequest request, FamilyConfig config) {
        if (request == null
                || request.rowId() == null
                || request.promptIds() == null
                || request.params() == null
                || request.detail() == null) {
            return error("null_input", "the request, its row id, its prompt, its parameters or its detail are null");
        }
        try {
            config.requirePossible(request.params().policy());
        } catch (IllegalArgumentException e) {
            return error("malformed_row", e.getMessage());
        }
        int[] prompt = request.promptIds();
        if (prompt.length == 0) {
            return error("empty_input", "the prompt has no token ids; it must have at least 1");
        }
        if (prompt.length > config.contextLength()) {
            return error(
                    "too_long",
                    "the prompt has " + prompt.length + " tokens; the model's context has " + config.contextLength()
                            + ": shorten the prompt");
        }
        for (int i = 0; i < prompt.length; i++) {
            if (prompt[i] < 0 || prompt[i] >= config.vocabSize()) {
                return error(
                        "malformed_row",
                        "prompt token " + i + " is id " + prompt[i] + "; the model's vocabulary has ids 0 to "
                                + (config.vocabSize() - 1) + ": use the model's own tokenizer");
            }
        }
        return Optional.empty();
    }

    /** The error of a failure while the row was decoded. */
    static RowError of(RuntimeException cause) {
        String message = cause.getMessage() == null ? "" : ": " + cause.getMessage();
        return new RowError("engine_error", cause.getClass().getSimpleName() + message);
    }

    /**
     * The error of a row that takes too long; the message does not contain the elapsed time, so that it is
     * reproducible.
     */
    static RowError timeout(double limitSeconds) {
        return new RowError(
                "timeout",
                "the completion was not finished within " + limitSeconds
                        + " s in flight: allow more time, or fewer tokens or rows at once");
    }

    Completion completion(GenerationRequest request) {
        return Completion.failed(request, errorClass, message);
    }

    private static Optional<RowError> error(String errorClass, String message) {
        return Optional.of(new RowError(errorClass, message));
    }
}
