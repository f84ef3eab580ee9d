package io.spikelet.engine.score;

import java.util.List;

/**
 * The scores of one unit.
 *
 * @param scores of a document one for each protocol, in their order; of a window one
 */
public record UnitScores(String rowId, List<DocumentScore> scores) {
    public UnitScores {
        scores = List.copyOf(scores);
    }
}
