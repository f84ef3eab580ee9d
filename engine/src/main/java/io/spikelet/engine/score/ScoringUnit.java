package io.spikelet.engine.score;

/** The input of a {@link TokenScorer}: a text that the protocols split into windows, or a single window. */
public sealed interface ScoringUnit permits ScoringDocument, ScoringWindow {
    /** Identifies the unit. */
    String rowId();
}
