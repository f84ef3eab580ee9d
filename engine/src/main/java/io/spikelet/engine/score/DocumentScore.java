package io.spikelet.engine.score;

import java.util.Optional;

/**
 * What one document scored under one protocol, or why it could not be scored. A failed document has no tokens and an nll
 * of 0.
 *
 * @param tokens tokens of the document, without BOS
 * @param scoredTokens tokens that {@code nll} is the sum over
 * @param length bytes, characters and words of the text; all 0 if it is null
 * @param nll nats, summed in the order of the tokens
 * @param encoderFiringRate share of encoder units that fired, over all positions of all windows
 * @param ffnFiringRate share of feed-forward hidden units that fired, mean over layers
 * @param ffnFiringRateByLayer the same {@code [layers]}
 * @param blockFiringRateByLayer share of a layer's output units that fired {@code [layers]}
 * @param tokenScores if they were asked for
 * @param errorClass null unless the document failed
 */
@SuppressWarnings("ArrayRecordComponent") // results that are read once, never compared
public record DocumentScore(
        String rowId,
        String protocol,
        long tokens,
        long scoredTokens,
        TextLength length,
        double nll,
        double encoderFiringRate,
        double ffnFiringRate,
        double[] ffnFiringRateByLayer,
        double[] blockFiringRateByLayer,
        Optional<TokenScores> tokenScores,
        String errorClass,
        String errorMessage) {
    static DocumentScore error(ScoringDocument document, String protocol, String errorClass, String errorMessage) {
        String text = document == null ? null : document.text();
        return new DocumentScore(
                document == null ? null : document.rowId(),
                protocol,
                0,
                0,
                text == null ? TextLength.NONE : TextLength.of(text),
                0,
                0,
                0,
                new double[0],
                new double[0],
                Optional.empty(),
                errorClass,
                errorMessage);
    }

    /** Whether the document could not be scored. */
    public boolean failed() {
        return errorClass != null;
    }
}
