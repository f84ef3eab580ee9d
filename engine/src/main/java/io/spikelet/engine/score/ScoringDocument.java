package io.spikelet.engine.score;

/** One text to score. */
public record ScoringDocument(String rowId, String text) implements ScoringUnit {}
