package io.spikelet.engine.score;

/** What a {@link TokenScorer} takes: a text that the protocols cut into windows, or one window that is cut already. */
public sealed interface ScoringUnit permits ScoringDocument, ScoringWindow {
    /** Names the unit among all. */
    String rowId();
}
