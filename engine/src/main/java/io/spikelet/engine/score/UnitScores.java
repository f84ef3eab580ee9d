package io.spikelet.engine.score;

import java.util.List;

/**
 * The scores of one unit.
 *
 * @param scores for a document one per protocol, in the order of the protocols; for a window exactly one
 */
public record UnitScores(String rowId, List<DocumentScore> scores) {
    public UnitScores {
        scores = List.copyOf(scores);
    }
}
