package io.spikelet.engine.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Progress after every pass, in memory; can end the scoring as a kill would, between two passes. */
public final class MemoryStore implements ProgressStore {
    private final Map<String, byte[]> kept = new HashMap<>();
    private int untilKill = Integer.MAX_VALUE;

    /** What no row's failure is made of. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** Scores a document and ends after some records; the positions until then. */
    public static long interrupt(
            MemoryStore store, int records, Function<ProgressStore, TokenScorer> scorers, String text) {
        store.untilKill = records;
        TokenScorer scorer = scorers.apply(store);
        assertThatThrownBy(() -> scorer.score(
                                List.of(new ScoringDocument("row", text)).iterator())
                        .next())
                .isInstanceOf(Killed.class);
        store.untilKill = Integer.MAX_VALUE;
        return scorer.positions();
    }

    /** Requires that everything said about documents is the same, bit by bit. */
    public static void requireSame(List<DocumentScore> actual, List<DocumentScore> expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            DocumentScore a = actual.get(i);
            DocumentScore b = expected.get(i);
            assertThat(a.failed()).as(a.errorMessage()).isFalse();
            assertThat(a.nll()).isEqualTo(b.nll());
            assertThat(a.nllSquared()).isEqualTo(b.nllSquared());
            assertThat(a.weight()).isEqualTo(b.weight());
            assertThat(a.scoredTokens()).isEqualTo(b.scoredTokens());
            assertThat(a.spikes().positions()).isEqualTo(b.spikes().positions());
            assertThat(a.spikes().spikes()).isEqualTo(b.spikes().spikes());
            assertThat(a.operations()).isEqualTo(b.operations());
            if (b.tokenScores().isPresent()) {
                assertThat(a.tokenScores().orElseThrow())
                        .usingRecursiveComparison()
                        .isEqualTo(b.tokenScores().orElseThrow());
            }
        }
    }

    public boolean isEmpty() {
        return kept.isEmpty();
    }

    /** Changes one byte, of the end if the place is negative. */
    public void damage(int place) {
        kept.values().forEach(bytes -> bytes[place < 0 ? bytes.length + place : place]++);
    }

    @Override
    public Duration interval() {
        return Duration.ZERO;
    }

    @Override
    public Optional<byte[]> find(String rowId) {
        return Optional.ofNullable(kept.get(rowId));
    }

    @Override
    public void keep(String rowId, byte[] progress) {
        kept.put(rowId, progress);
        if (--untilKill == 0) {
            throw new Killed();
        }
    }

    @Override
    public void drop(String rowId) {
        kept.remove(rowId);
    }
}
