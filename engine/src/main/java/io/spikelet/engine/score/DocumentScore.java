package io.spikelet.engine.score;

import io.spikelet.engine.telemetry.OperationCounts;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.util.List;
import java.util.Optional;

/**
 * The score of one unit under one protocol, or an error. After an error it has no tokens and an nll of 0.
 *
 * @param protocol name of the protocol; empty for a window
 * @param tokens tokens of the document, without a prefix
 * @param scoredTokens number of tokens in the sum {@code nll}
 * @param weight their total weight: {@code scoredTokens} unless the protocol weights its windows
 * @param length of the scored text. For a protocol that joins documents it is that of the scored tokens, in bytes only:
 *     characters and words are then 0. All are 0 for a window, or if the text is null
 * @param nll nats times weights, summed in the order of the tokens; divided by {@code weight} it is the mean
 * @param nllSquared the same for the squared nats, for the error that llama.cpp reports
 * @param spikes spike counts over all positions of all windows; without populations if the unit failed
 * @param operations operation counts of these positions
 * @param tokenScores present if requested
 * @param errorClass null unless the unit failed
 */
@SuppressWarnings("ArrayRecordComponent") // results that are read once, never compared
public record DocumentScore(
        String rowId,
        String protocol,
        long tokens,
        long scoredTokens,
        double weight,
        TextLength length,
        double nll,
        double nllSquared,
        SpikeStatistics spikes,
        OperationCounts operations,
        Optional<TokenScores> tokenScores,
        String errorClass,
        String errorMessage) {
    static DocumentScore of(
            String rowId, String protocol, long tokens, TextLength length, NllAccumulator tally, int[] edges) {
        return new DocumentScore(
                rowId,
                protocol,
                tokens,
                tally.scored(),
                tally.weight(),
                length,
                tally.nll(),
                tally.nllSquared(),
                tally.spikes(),
                tally.operations(),
                tally.scores(edges),
                null,
                null);
    }

    static DocumentScore error(
            String rowId, String protocol, TextLength length, String errorClass, String errorMessage) {
        return new DocumentScore(
                rowId,
                protocol,
                0,
                0,
                0,
                length,
                0,
                0,
                SpikeStatistics.none(List.of()),
                OperationCounts.NONE,
                Optional.empty(),
                errorClass,
                errorMessage);
    }

    /** Whether the unit could not be scored. */
    public boolean failed() {
        return errorClass != null;
    }
}
