package io.spikelet.engine.score;

/** What a {@link TokenScorer} takes: a text that the protocols split into windows, or a single window. */
public sealed interface ScoringUnit permits ScoringDocument, ScoringWindow {
    /** Names the unit among all. */
    String rowId();
}
